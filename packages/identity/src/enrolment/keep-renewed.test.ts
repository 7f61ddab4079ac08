import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileStore, MosaicError, silentLog } from "@mosaic/core";
import { formatCredentials, parseCertificates } from "../credentials.ts";
import { createFleetCa, issueLeaf, publicKeyOf } from "../fleet-ca.ts";
import { newKey } from "../key-pair.ts";
import type { Identity } from "../spiffe-id.ts";
import { publicKeyOfCsr } from "./csr.ts";
import { keepRenewed, type RenewalRequest, renewNow } from "./keep-renewed.ts";
import { parseLocks } from "./locks.ts";
import { pinOf } from "./pin.ts";
import { signNews } from "./signed-news.ts";

const HOUR_MS = 3_600_000;
const node: Identity = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h-1" };

/** A clock whose sleepers wake when the test says so: time goes on by what they asked for. */
function steppedClock(startUnixMs: number) {
  let nowMs = startUnixMs;
  return {
    nowUnixMs: () => nowMs,
    monotonicMs: () => nowMs,
    jump: (ms: number) => {
      nowMs += ms;
    },
    async sleep(ms: number) {
      nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A host with credentials of now, and an authority that answers as `answers` says, one call after the other; then it is silent. */
async function aHost(failures = 0) {
  const clock = steppedClock(Date.UTC(2026, 0, 1));
  const ca = await createFleetCa("acme", clock.nowUnixMs());
  const key = newKey();
  const make = async () => [
    await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity: node, nowUnixMs: clock.nowUnixMs() }),
    ca.intermediate.certificate,
  ];
  const texts = new Map([
    ["/id/credentials.pem", formatCredentials({ key, chain: await make() })],
    ["/id/roots.pem", String(ca.root.certificate)],
  ]);
  const files: FileStore = {
    read: async (path) => texts.get(path),
    write: async (path, text) => void texts.set(path, text),
    remove: async () => {},
    list: async () => [],
  };
  const asked: { atHours: number; request: RenewalRequest }[] = [];
  const confirmed: string[][] = [];
  let left = failures;
  const startMs = clock.nowUnixMs();
  let nextRoot = "";
  const addRoot = (pem: string) => {
    nextRoot = pem;
  };
  const service = {
    async renew(request: RenewalRequest, _trust: unknown, signal: AbortSignal) {
      if (left > 0) {
        left -= 1;
        throw new MosaicError("NOT_SERVED", "no aggregator answers");
      }
      assert.deepEqual(await publicKeyOfCsr(request.csr), new Uint8Array(publicKeyOf(key)));
      asked.push({ atHours: (clock.nowUnixMs() - startMs) / HOUR_MS, request });
      if (signal.aborted) throw new MosaicError("CANCELLED", "over");
      if (!request.wantsCertificate) await clock.sleep(request.waitMs);
      const chain = request.wantsCertificate ? (await make()).join("") : "";
      const roots = `${ca.root.certificate}${nextRoot}`;
      const locks = signNews(ca.intermediate, { locks: [], asOfUnixMs: 1 }, { roots }, request.csr);
      return { chain, roots, locks, news: "n", renewNow: false };
    },
    confirmRoots: async ({ rootPins }: { rootPins: string[] }) => void confirmed.push(rootPins),
  };
  const options = { clock, random: () => 0.5, files, log: silentLog, folder: "/id", service, newsWaitMs: HOUR_MS };
  return { clock, options, texts, asked, confirmed, addRoot };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !isSo(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isSo(), true);
}

test("a certificate is renewed at half of its life, again and again, and news are asked for in between", async () => {
  const { options, asked, texts, confirmed } = await aHost();
  const renewals = () => asked.filter(({ request }) => request.wantsCertificate);
  await using kept = keepRenewed(options);
  await until(() => renewals().length >= 3);
  for (const [index, { atHours }] of renewals().slice(0, 3).entries())
    assert.equal(Math.abs(atHours - 12 * (index + 1)) < 1.1, true, `${atHours} h`);
  assert.equal(asked[1]?.request.newsSeen, "n");
  assert.equal(confirmed.length, 1);
  assert.equal(kept.state.problem, "");
  const view = parseLocks(texts.get("/id/locks.json") ?? "", "locks");
  assert.equal(view.asOfUnixMs > 1, true, "the view is as old as by our own clock");
});

test("a host asleep for 20 days renews late, first thing, and alone", async () => {
  const { options, asked, texts, clock } = await aHost();
  clock.jump(20 * 24 * HOUR_MS);
  await using _kept = keepRenewed(options);
  await until(() => asked.length >= 1);
  assert.equal(asked[0]?.request.wantsCertificate, true);
  await until(
    () => Date.parse(parseCertificates(texts.get("/id/credentials.pem") ?? "", "file")[0]?.validTo ?? "") > clock.nowUnixMs(),
  );
});

test("while the authority is silent it is asked again, and the reason is known", async () => {
  const { options, asked } = await aHost(3);
  await using kept = keepRenewed(options);
  await until(() => kept.state.problem !== "");
  assert.equal(kept.state.problem, "no aggregator answers");
  await until(() => asked.length > 0);
  await until(() => kept.state.problem === "");
});

test("who renews once, as a person does who logs in, confirms the roots that come with it", async () => {
  const { options, confirmed, addRoot, clock } = await aHost();
  const { root } = await createFleetCa("acme", clock.nowUnixMs());
  addRoot(String(root.certificate));
  await renewNow(options, new AbortController().signal);
  assert.equal(confirmed.at(-1)?.includes(pinOf(root.certificate)), true);
});
