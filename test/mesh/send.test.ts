/** Messages on their way to real agents in real terminals: taken once, or refused with a reason. */
import assert from "node:assert/strict";
import http2 from "node:http2";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "@mosaic/testkit";
import { type DemoFleet, startDemoFleet } from "./demo-fleet.ts";
import { itemIn } from "./ps-answer.ts";
import { portOf, type RawPlace, rawCall } from "./raw-call.ts";
import type { ProgramEnd } from "./run-program.ts";
import { tellAll } from "./tell-all.ts";
import { screenOf, tmux } from "./test-terminal.ts";

/** A receipt as `agent send --json` prints it. */
interface Receipt {
  readonly state: string;
  readonly reason: string | null;
  readonly detail: string;
  readonly held: string;
  readonly steps: readonly { readonly state: string; readonly evidence: string }[];
  readonly turn_id: string;
  readonly duplicate: boolean;
}

test(
  "messages reach agents once, or say why not",
  { timeout: 120_000 },
  tellAll(async (t) => {
    await using fleet = await startDemoFleet({ hosts: 2, agents: 4 });
    await t.test("a verified message is ACCEPTED on the agent's own word", () => isAccepted(fleet));
    await t.test("ten messages at once are each taken exactly once", (c) => tenAtOnce(fleet, (text) => c.diagnostic(text)));
    await t.test("one id is typed once, however often it is sent", () => sameId(fleet));
    await t.test("a wedged agent leaves a message unconfirmed in time, and gets nothing on top", () => wedged(fleet));
    await t.test("a draft in the composer is left alone, and what it holds is typed when it is gone", () => draft(fleet));
    await t.test("nothing is typed into a blank screen", () => blank(fleet));
    await t.test("nothing is typed into a dead pane", () => dead(fleet));
    await t.test("what can't be sent is refused with one error and a hint", () => refusals(fleet));
    await t.test("garbage and half-open connections on a node's port change nothing", () => garbage(fleet));
    await t.test("no name that a client calls a daemon by can end it", () => oddNames(fleet));
  }),
);

async function isAccepted(fleet: DemoFleet): Promise<void> {
  const { receipt } = await verified(fleet, "demo/alpha/lead", "please accept this");
  assert.deepEqual(receipt.steps.map((step) => step.state).slice(0, 5), ["QUEUED", "DELIVERED", "TYPED", "ENTERED", "ACCEPTED"]);
  assert.equal(receipt.steps.find((step) => step.state === "ACCEPTED")?.evidence, "hook");
  assert.notEqual(receipt.turn_id, "");
  const text = await fleet.mosaic(["agent", "send", "demo/alpha/lead", "-m", "and this", "--verify"]);
  assert.match(text.stdout, /^demo\/alpha\/lead: ACCEPTED by hook after \d+ ms \(message [0-9a-f-]+\)$/m);
}

async function tenAtOnce(fleet: DemoFleet, say: (text: string) => void): Promise<void> {
  const texts = Array.from({ length: 10 }, (_, index) => `parallel message ${index} of ten`);
  const startedMs = performance.now();
  const sent = await Promise.all(texts.map((text) => verified(fleet, "demo/alpha/reviewer0", text, "30s")));
  say(`ten accepted in ${Math.round(performance.now() - startedMs)} ms`);
  assert.equal(new Set(sent.map(({ receipt }) => receipt.turn_id)).size, 10);
  const shown = await transcript(fleet, "alpha", "reviewer0");
  for (const text of texts) assert.equal(shown.filter((line) => line === `> ${text}`).length, 1, text);
}

async function sameId(fleet: DemoFleet): Promise<void> {
  const args = ["agent", "send", "demo/alpha/coder1", "-m", "only once", "--verify", "--id", "mesh-test-1", "--json"];
  const ends = await Promise.all([fleet.mosaic(args), fleet.mosaic(args), fleet.mosaic(args)]);
  ends.push(await fleet.mosaic(args));
  assert.deepEqual(
    ends.map((end) => end.exitCode),
    [0, 0, 0, 0],
    ends.map((end) => end.stderr).join(),
  );
  const receipts = ends.map(receiptOf);
  assert.equal(receipts.filter((receipt) => receipt.duplicate).length, 3);
  assert.equal(new Set(receipts.map((receipt) => receipt.turn_id)).size, 1);
  assert.equal((await transcript(fleet, "alpha", "coder1")).filter((line) => line === "> only once").length, 1);
  const other = await fleet.mosaic(["agent", "send", "demo/alpha/coder1", "-m", "another text", "--id", "mesh-test-1", "--json"]);
  assert.deepEqual([other.exitCode, JSON.parse(other.stdout).code], [1, "MESSAGE_ID_REUSED"]);
}

async function wedged(fleet: DemoFleet): Promise<void> {
  await verified(fleet, "demo/beta/lead", "stub:wedged");
  const first = await refused(fleet, "demo/beta/lead", "is anybody there");
  assert.match(receiptOf(first).state, /^(ENTERED|UNCONFIRMED)$/);
  assert.ok(first.durationMs < 2000 + 2500, `--timeout 2s took ${first.durationMs} ms`);
  assert.equal(await composer(fleet, "beta", "lead"), "> is anybody there");
  // What it did not take is a draft now, and the next message must not be typed behind it.
  const second = receiptOf(await refused(fleet, "demo/beta/lead", "second message", "5s"));
  assert.deepEqual([second.state, second.reason], ["DELIVERED", null]);
  assert.match(second.held, /a draft of 16 characters is in the composer/);
  assert.equal(await composer(fleet, "beta", "lead"), "> is anybody there");
}

async function draft(fleet: DemoFleet): Promise<void> {
  await verified(fleet, "demo/beta/coder0", "stub:draft=half a thought");
  await fleet.eventually("the draft is there", async () => (await composer(fleet, "beta", "coder0")) === "> half a thought");
  const sent = receiptOf(await refused(fleet, "demo/beta/coder0", "typed over it?", "5s"));
  assert.deepEqual([sent.state, sent.reason], ["DELIVERED", null]);
  assert.match(sent.held, /a draft of 14 characters is in the composer/);
  assert.equal(await composer(fleet, "beta", "coder0"), "> half a thought");
  // Whoever left it takes it away, and nobody has to send again.
  await screenOf(await fleet.tmuxSocket("beta"), "coder0").press("C-u");
  const isTyped = async () =>
    (await transcript(fleet, "beta", "coder0")).filter((line) => line === "> typed over it?").length === 1;
  await fleet.eventually("it is typed once", isTyped);
}

async function blank(fleet: DemoFleet): Promise<void> {
  await verified(fleet, "demo/beta/reviewer0", "stub:blank");
  const isBlank = async () => (await transcript(fleet, "beta", "reviewer0")).every((line) => line === "");
  await fleet.eventually("the screen is blank", isBlank);
  const sent = receiptOf(await refused(fleet, "demo/beta/reviewer0", "into the void"));
  assert.deepEqual([sent.state, sent.reason], ["DELIVERED", null]);
  assert.match(sent.held, /its screen is blank/);
  assert.equal(await isBlank(), true);
}

async function dead(fleet: DemoFleet): Promise<void> {
  await fleet.mosaic(["agent", "send", "demo/beta/coder1", "-m", "stub:die=3"]);
  await fleet.eventually("the agent is dead", async () => itemIn((await fleet.ps()).answer, "beta", "coder1").state === "dead");
  const end = await refused(fleet, "demo/beta/coder1", "to nobody");
  assert.deepEqual([receiptOf(end).state, receiptOf(end).reason], ["FAILED", "AGENT_EXITED"]);
  assert.match(receiptOf(end).detail, /agent "coder1" on beta is not running/);
}

async function refusals(fleet: DemoFleet): Promise<void> {
  const before = await transcript(fleet, "alpha", "coder0");
  const cases: readonly [string[], string | undefined, number, string, RegExp][] = [
    [["alpha/coder0", "--file", "-"], "x".repeat(262_145), 2, "MESSAGE_TOO_LARGE", /262145 bytes.*262144/],
    [["alpha/codr0", "-m", "x"], undefined, 1, "AGENT_NOT_FOUND", /codr0/],
    [["lead", "-m", "x"], undefined, 2, "AGENT_AMBIGUOUS", /demo\/alpha\/lead.*demo\/beta\/lead/],
    [["alpha/coder0", "-m", "a\u001b[201~b"], undefined, 2, "USAGE", /control character U\+001B/],
    [["alpha/coder0", "-m", " "], undefined, 2, "USAGE", /empty/],
    [["al pha/coder0", "-m", "x"], undefined, 2, "USAGE", /al pha/],
  ];
  for (const [args, stdin, exitCode, code, words] of cases) {
    const end = await fleet.mosaic(["agent", "send", ...args, "--json"], { stdin });
    const error = JSON.parse(end.stdout);
    assert.deepEqual([error.code, end.exitCode], [code, exitCode], end.stderr);
    assert.match(error.message, words);
    assert.match(end.stderr, /^mosaic: [^\n]+\n(hint: [^\n]+\n)*$/, "one error, and what to do");
    if (code !== "USAGE") assert.notEqual(error.hint, null, code);
  }
  // Whoever goes around the command is refused by the server.
  const port = portOf(fleet.daemon("alpha").endpoint);
  const tooLarge = { agent: { name: "coder0" }, messageId: "raw-1", text: "x".repeat(262_145) };
  const reply = await rawCall({ port }, "Send", tooLarge);
  assert.deepEqual([reply.status, JSON.parse(reply.body).code], [429, "resource_exhausted"]);
  assert.deepEqual(await transcript(fleet, "alpha", "coder0"), before);
}

async function garbage(fleet: DemoFleet): Promise<void> {
  const port = portOf(fleet.daemon("alpha").endpoint);
  const random = seededRandom(7);
  const noise = () => Buffer.from(Array.from({ length: 4096 }, () => Math.floor(random() * 256)));
  const beginnings = [
    ...Array.from({ length: 20 }, noise),
    ...Array.from({ length: 20 }, () => Buffer.alloc(0)),
    ...["P", "PRI * HT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n"].map((text) =>
      Buffer.from(text),
    ),
    Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), noise()]),
  ];
  using open = new DisposableStack();
  const sockets = beginnings.map((bytes) => open.adopt(halfOpen(port, bytes), (socket) => socket.destroy()));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("ready", resolve))));
  const { answer, end } = await fleet.ps("--live");
  assert.deepEqual([end.exitCode, answer.complete], [0, true]);
  assert.equal(
    answer.hosts.every((host) => host.state === "LIVE"),
    true,
  );
  await verified(fleet, "demo/alpha/lead", "through the noise");
  const info = JSON.parse((await rawCall({ port }, "Info")).body) as { pid: number };
  assert.equal(info.pid, fleet.daemon("alpha").pid);
}

async function oddNames(fleet: DemoFleet): Promise<void> {
  const node = fleet.daemon("alpha");
  const sockets = [join(fleet.directory, "fleet/run/aggregator.sock"), join(node.home, "fleet/run/node.sock")];
  // gRPC's own clients call a Unix socket by its percent-encoded path; what is no host name at all comes from others.
  const names = ["tmp%2Fsome.sock", "127.0.0.1:99999", "[::1", "", "a b"];
  const places = [{ port: portOf(node.endpoint) }, ...sockets.map((socketPath) => ({ socketPath }))];
  for (const place of places) {
    for (const name of names) {
      // Refused or served, as the server likes; hung up on is no answer.
      assert.match(`${(await rawCall(place, "Info", {}, { host: name })).status}`, /^(200|403|400)$/, name);
      assert.match(`${await http2Status(place, name)}`, /^(200|403|400)$/, name);
    }
  }
  for (const socketPath of sockets) {
    assert.equal(
      await http2Status({ socketPath }, "tmp%2Fsome.sock"),
      200,
      "gRPC's own clients can't call a Unix socket otherwise",
    );
  }
  assert.equal((await fleet.ps("--live")).end.exitCode, 0);
  for (const { pid } of fleet.daemons) assert.doesNotThrow(() => process.kill(pid, 0));
}

/** The status of one empty JSON call over HTTP/2, with `name` as its authority; 400 where the protocol forbids the name. */
async function http2Status(place: RawPlace, name: string): Promise<number> {
  const session = http2.connect("http://127.0.0.1", {
    createConnection: () => ("port" in place ? connect({ host: "127.0.0.1", port: place.port }) : connect(place.socketPath)),
  });
  try {
    return await new Promise((resolve, reject) => {
      session.once("error", reject);
      const path = "/mosaic.fleet.v1.FleetService/Info";
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        ":authority": name,
        "content-type": "application/json",
      });
      stream.once("response", (headers) => resolve(Number(headers[":status"])));
      // The HTTP/2 library on either side refuses some of them before anybody is asked.
      stream.once("error", (error) => (/PROTOCOL_ERROR/.test(error.message) ? resolve(400) : reject(error)));
      stream.end("{}");
    });
  } finally {
    session.destroy();
  }
}

function halfOpen(port: number, bytes: Buffer): Socket {
  const socket = connect({ host: "127.0.0.1", port });
  // The server hangs up on what is no HTTP; that is its right.
  socket.on("error", () => {});
  socket.write(bytes);
  return socket;
}

async function verified(fleet: DemoFleet, agent: string, text: string, timeout = "10s"): Promise<{ receipt: Receipt }> {
  const end = await fleet.mosaic(["agent", "send", agent, "-m", text, "--verify", "--timeout", timeout, "--json"]);
  assert.equal(end.exitCode, 0, `${end.stdout}${end.stderr}`);
  const receipt = receiptOf(end);
  assert.match(receipt.state, /^(ACCEPTED|ANSWERED)$/);
  return { receipt };
}

async function refused(fleet: DemoFleet, agent: string, text: string, timeout = "2s"): Promise<ProgramEnd> {
  const end = await fleet.mosaic(["agent", "send", agent, "-m", text, "--verify", "--timeout", timeout, "--json"]);
  assert.equal(end.exitCode, 6, `${end.stdout}${end.stderr}`);
  return end;
}

function receiptOf(end: ProgramEnd): Receipt {
  return (JSON.parse(end.stdout) as { receipt: Receipt }).receipt;
}

/** All that an agent's terminal holds, history included, read past every part of Mosaic. */
async function transcript(fleet: DemoFleet, host: string, agent: string): Promise<string[]> {
  const text = await tmux(await fleet.tmuxSocket(host), ["capture-pane", "-p", "-S", "-", "-t", `=${agent}:`]);
  return text.split("\n").map((line) => line.trimEnd());
}

/** The agent's composer: the last line but one that shows something. */
async function composer(fleet: DemoFleet, host: string, agent: string): Promise<string | undefined> {
  const lines = await screenOf(await fleet.tmuxSocket(host), agent).lines();
  return lines.filter((line) => line !== "").at(-2);
}
