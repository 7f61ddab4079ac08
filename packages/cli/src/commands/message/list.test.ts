import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListMessagesRequestJson, ListMessagesResponseJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { agentJson, hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { ACCEPTED_STEPS, receiptJson, SENT_MS } from "../../messages/builders-for-tests.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";

const accepted = receiptJson("DELIVERY_STATE_ACCEPTED", { messageId: "m-3", steps: [...ACCEPTED_STEPS] });
const held = receiptJson("DELIVERY_STATE_QUEUED", {
  messageId: "m-2",
  agent: { tenantId: "team-a", host: "gamma", name: "coder0" },
  hostId: "id-gamma",
  held: "host team-a/gamma does not answer",
});
const failed = receiptJson("DELIVERY_STATE_FAILED", {
  messageId: "m-1",
  reason: "FAILURE_REASON_DRAFT",
  detail: "a draft is in the composer",
  attempt: 2,
});
const ALL: ListMessagesResponseJson = {
  messages: [{ receipt: accepted }, { receipt: held }, { receipt: failed }],
  hosts: [hostJson("alpha"), hostJson("gamma")],
};
const LOST = hostJson("gamma", {
  state: "HOST_STATE_UNREACHABLE",
  ageMs: "840000",
  code: "UNAVAILABLE",
  detail: "connect timeout",
});

async function list(flags: string[], reply: ListMessagesResponseJson = ALL, endpoint = AGGREGATOR) {
  const io = memoryIo({ clock: { ...memoryIo().clock, nowUnixMs: () => SENT_MS + 180_000 } });
  const rows = [agentJson("alpha", "lead"), agentJson("gamma", "coder0"), agentJson("gamma", "lead")];
  const remote = memoryRemote({ [endpoint]: { unary: { ListMessages: () => reply, List: () => ({ agents: rows }) } } });
  const exitCode = await runCli(["message", "list", ...flags], io, { deps: { remote } });
  const request = remote.calls.find((call) => call.method === "ListMessages")?.request as ListMessagesRequestJson;
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, request, calls: remote.calls };
}

test("a line tells where a message is, what says so, how old it is and what holds it", async () => {
  const { exitCode, stdout } = await list([]);
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `MESSAGE  AGENT                STATE          EVIDENCE  AGE  NOTES
m-3      team-a/alpha/lead    ACCEPTED       hook      3m   from desk:operator
m-2      team-a/gamma/coder0  QUEUED         -         3m   held: host team-a/gamma does not answer; from desk:operator
m-1      team-a/alpha/lead    FAILED(DRAFT)  -         3m   a draft is in the composer; attempt 2; from desk:operator
3 messages.
`,
  );
});

test("a host that did not answer is named, and the answer is partial; exit 3", async () => {
  const { exitCode, stdout } = await list([], { ...ALL, hosts: [hostJson("alpha"), LOST] });
  assert.equal(exitCode, 3);
  assert.match(
    stdout,
    /\nhost team-a\/gamma: UNREACHABLE: last seen 14m ago: connect timeout\n3 messages\. INCOMPLETE: 1 unreach/,
  );
  assert.equal((await list(["--allow-partial"], { ...ALL, hosts: [LOST] })).exitCode, 0);
});

test("what the server itself holds is told when no host answers", async () => {
  const { exitCode, stdout } = await list([], { messages: [{ receipt: held }], hosts: [LOST] });
  assert.equal(exitCode, 3);
  assert.match(stdout, /^m-2 /m);
});

test("an answer that was cut says that there are more", async () => {
  assert.match((await list(["--limit", "3"], { ...ALL, truncated: true })).stdout, /3 messages\. There are more: --limit\./);
});

test("the request holds the limit, the agents and the states", async () => {
  const { request } = await list(["--limit", "7", "--agent", "team-a/alpha/lead", "--state", "held", "--state", "unconfirmed"]);
  assert.deepEqual(request, {
    selector: { tenantIds: ["team-a"], hosts: ["alpha"], names: ["lead"] },
    messageIds: [],
    states: ["DELIVERY_STATE_QUEUED", "DELIVERY_STATE_DELIVERED", "DELIVERY_STATE_UNCONFIRMED"],
    limit: 7,
    withText: false,
  });
  assert.equal((await list([])).request.limit, 100);
});

test("--state held lets through what is held and nothing else", async () => {
  const waiting = receiptJson("DELIVERY_STATE_DELIVERED", { messageId: "m-9" });
  const { stdout } = await list(["--state", "held", "--json"], { messages: [{ receipt: waiting }, { receipt: held }] });
  assert.deepEqual(
    JSON.parse(stdout).items.map((item: { message_id: string }) => item.message_id),
    ["m-2"],
  );
});

test("--state open is everything that is not at its end", async () => {
  const { request } = await list(["--state", "open"]);
  assert.equal(request.states?.length, 6);
  assert.ok(!request.states?.includes("DELIVERY_STATE_ANSWERED") && !request.states?.includes("DELIVERY_STATE_FAILED"));
});

test("several agents are not mixed up with one another", async () => {
  const other = receiptJson("DELIVERY_STATE_QUEUED", {
    messageId: "m-8",
    agent: { tenantId: "team-a", host: "gamma", name: "lead" },
    hostId: "id-gamma",
  });
  const reply = { ...ALL, messages: [...(ALL.messages ?? []), { receipt: other }] };
  const { stdout } = await list(["--agent", "alpha/lead,gamma/coder0", "--json"], reply);
  assert.deepEqual(
    JSON.parse(stdout).items.map((item: { message_id: string }) => item.message_id),
    ["m-3", "m-2", "m-1"],
  );
});

test("an agent without messages is no mistake; a misspelt one is, with near names", async () => {
  assert.match((await list(["--agent", "lead"], { hosts: [] })).stdout, /^No messages\./);
  const { exitCode, stderr } = await list(["--agent", "gamma/codr0"], { hosts: [] });
  assert.equal(exitCode, 1);
  assert.match(stderr, /hint: did you mean team-a\/gamma\/coder0\?/);
});

test("a misspelt state is told with near ones, before anything is asked", async () => {
  const { exitCode, stderr, calls } = await list(["--state", "unconfirmd"]);
  assert.deepEqual([exitCode, calls.length], [2, 0]);
  assert.match(stderr, /hint: did you mean unconfirmed\?/);
  assert.equal((await list(["--limit", "0"])).exitCode, 2);
});

test("the node of this host is asked when there is no aggregator, and said to know itself only", async () => {
  const own = { ...ALL, hosts: [hostJson("alpha", { via: [], address: "" })] };
  assert.match((await list([], own, NODE)).stdout, /via: node \(this host only\)\./);
  assert.equal((await list(["--all-hosts"], own, NODE)).exitCode, 4);
});

test("the fields of mosaic.message.list/1", async () => {
  const answer = JSON.parse((await list(["--json"])).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "via", "truncated", "hosts", "items"]);
  assert.deepEqual([answer.schema, answer.complete, answer.via], ["mosaic.message.list/1", true, "aggregator"]);
  assert.deepEqual(Object.keys(answer.items[0]), [
    "message_id",
    "tenant_id",
    "host",
    "host_id",
    "name",
    "state",
    "reason",
    "detail",
    "steps",
    "text_sha256",
    "turn_id",
    "duplicate",
    "attempt",
    "held",
    "source_label",
    "text_bytes",
    "created_at",
    "expires_at",
    "guard",
  ]);
  const lines = (await list(["--jsonl"])).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((line) => line.type),
    ["host", "host", "item", "item", "item", "summary"],
  );
});
