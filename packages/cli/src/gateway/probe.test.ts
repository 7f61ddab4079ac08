import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { systemClock } from "@mosaic/host/system-clock";
import { hostJson } from "../fleet/builders-for-tests.ts";
import { PROTOCOL_VERSION, type ProbeStep, probe } from "./probe.ts";
import { PROBE_EXIT_CODES, probeText, toProbeAnswer } from "./probe-answer.ts";
import type { ProbeLink } from "./probe-link.ts";

const context = { clock: systemClock, protocolVersion: PROTOCOL_VERSION };
const live = (more = {}) => hostJson("alpha", { asOfUnixMs: String(Date.now()), ageMs: "0", ...more });

function linkTo(answers: { readonly [Method in "Info" | "List"]?: object }, more: Partial<ProbeLink> = {}): ProbeLink {
  const sound = { Info: { role: "ROLE_NODE", version: "1.0.0", host: "alpha", protocolVersion: 1 }, List: { hosts: [live()] } };
  const all: Readonly<Record<string, object>> = { ...sound, ...answers };
  return {
    connect: async () => undefined,
    health: async () => "SERVING",
    unary: async <Res extends object>(method: string) => (all[method] ?? {}) as Res,
    watchSnapshot: async () => 3,
    ...more,
  };
}

const outcomes = (steps: readonly ProbeStep[]) => steps.map(({ step, outcome }) => `${step} ${outcome}`);
const failing = (code: "NOT_SERVED" | "IDENTITY_REFUSED" | "DEADLINE") => () =>
  Promise.reject(new MosaicError(code, `it is ${code}`));

test("an endpoint that answers everything is healthy, with the time of each call", async () => {
  const { verdict, steps } = await probe(linkTo({}), context);
  assert.equal(verdict, "healthy");
  assert.deepEqual(outcomes(steps), [
    "connect ok",
    "certificate skipped",
    "health ok",
    "version ok",
    "list ok",
    "clock ok",
    "watch ok",
  ]);
  for (const { step, ms } of steps) assert.equal(ms === null, step === "certificate" || step === "clock", step);
});

test("where nobody answers one step says so, and the rest is skipped", async () => {
  const { verdict, steps } = await probe(linkTo({}, { connect: failing("NOT_SERVED") }), context);
  assert.equal(verdict, "unreachable");
  assert.deepEqual(outcomes(steps).slice(0, 3), ["connect failed", "certificate skipped", "health skipped"]);
  assert.equal(steps[0]?.code, "NOT_SERVED");
  assert.equal(steps[0]?.next, "mosaic gateway status  # on that host");
});

test("who answers and is not believed is refused, which is something else than unreachable", async () => {
  assert.equal((await probe(linkTo({}, { connect: failing("IDENTITY_REFUSED") }), context)).verdict, "refused");
});

test("a Watch without a snapshot, a host that is gone, another contract and a clock that is off each make it degraded", async () => {
  const cases: [ProbeLink, string, RegExp][] = [
    [linkTo({}, { watchSnapshot: failing("DEADLINE") }), "watch failed", /it is DEADLINE/],
    [
      linkTo({ List: { hosts: [live(), hostJson("beta", { state: "HOST_STATE_UNREACHABLE" })] } }),
      "list warn",
      /1 of 2 hosts answer/,
    ],
    [linkTo({ List: { hosts: [live()], conditions: [{ type: "STORE_UNAVAILABLE" }] } }), "list warn", /STORE_UNAVAILABLE/],
    [linkTo({ Info: { role: "ROLE_NODE", protocolVersion: 2 } }), "version warn", /this command speaks 1/],
    [
      linkTo({ List: { hosts: [live({ asOfUnixMs: String(Date.now() + 60_000) })] } }),
      "clock warn",
      /alpha is \d{5} ms ahead of/,
    ],
    [linkTo({}, { health: async () => "NOT_SERVING" }), "health warn", /NOT_SERVING/],
  ];
  for (const [link, outcome, found] of cases) {
    const { verdict, steps } = await probe(link, context);
    assert.equal(verdict, "degraded", outcome);
    const step = steps.find((each) => outcome.startsWith(`${each.step} `)) ?? assert.fail();
    assert.equal(`${step.step} ${step.outcome}`, outcome);
    assert.match(step.found, found);
  }
});

test("what takes connections and answers nothing is unreachable", async () => {
  const gone = failing("NOT_SERVED");
  const { verdict } = await probe(linkTo({}, { health: gone, unary: gone, watchSnapshot: gone }), context);
  assert.equal(verdict, "unreachable");
});

test("the fields of mosaic.gateway.probe/1, and the exit code of the worst endpoint", async () => {
  const good = { endpoint: "unix:/a", ...(await probe(linkTo({}), context)) };
  const bad = { endpoint: "unix:/b", ...(await probe(linkTo({}, { connect: failing("NOT_SERVED") }), context)) };
  const answer = toProbeAnswer([good, bad]);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "verdict", "items"]);
  assert.deepEqual(Object.keys(answer.items[0] ?? {}), ["endpoint", "verdict", "steps"]);
  assert.deepEqual(Object.keys(good.steps[0] ?? {}), ["step", "outcome", "ms", "found", "code", "next"]);
  assert.deepEqual([answer.schema, answer.complete, answer.verdict], ["mosaic.gateway.probe/1", false, "unreachable"]);
  assert.equal(PROBE_EXIT_CODES[answer.verdict], 4);
  assert.equal(PROBE_EXIT_CODES[toProbeAnswer([good]).verdict], 0);
  const text = probeText(answer, { columns: undefined, style: (_tone, words) => words });
  assert.match(text, /^unix:\/a\n {2}connect {6}ok {7} *\d+\.\d ms {2}connected\n/);
  assert.match(text, /\n {2}verdict {6}unreachable\n$/);
});
