import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import type { ListRequestJson, ListResponseJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { agentJson, hostJson } from "../../fleet/builders-for-tests.ts";
import { type MemoryIoOptions, memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";

const HOME = "/home/ada/.config/mosaic/fleet/run";
const AGGREGATOR = `unix:${HOME}/aggregator.sock`;
const NODE = `unix:${HOME}/node.sock`;
const lost = hostJson("gamma", { state: "HOST_STATE_UNREACHABLE", ageMs: "840000", detail: "connect timeout", agentCount: 0 });

function serving(reply: ListResponseJson | ((request: ListRequestJson) => ListResponseJson)): MemoryServer {
  return { unary: { List: typeof reply === "function" ? (request: ListRequestJson) => reply(request) : () => reply } };
}

async function ps(line: string, servers: Record<string, MemoryServer>, options: MemoryIoOptions = {}) {
  const io = memoryIo(options);
  const remote = memoryRemote(servers);
  const exitCode = await runCli(["fleet", "ps", ...line.split(" ").filter(Boolean)], io, { deps: { remote } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, calls: remote.calls };
}

const whole: ListResponseJson = { hosts: [hostJson("alpha")], agents: [agentJson("alpha", "lead")] };

test("without --all-hosts the node of this host is asked, whatever MOSAIC_ENDPOINT says", async () => {
  const { exitCode, stdout, calls } = await ps(
    "--json",
    { [NODE]: serving(whole) },
    { env: { MOSAIC_ENDPOINT: "/elsewhere.sock" } },
  );
  assert.equal(exitCode, 0);
  assert.equal(JSON.parse(stdout).via, "node");
  assert.deepEqual(
    calls.map((call) => call.endpoint),
    [NODE],
  );
});

test("with --all-hosts it is --endpoint, else MOSAIC_ENDPOINT, else the aggregator, and never another", async () => {
  const servers = { [AGGREGATOR]: serving(whole), "unix:/env.sock": serving(whole), "http://127.0.0.1:8787": serving(whole) };
  const asked = async (line: string, env: Record<string, string> = {}) => (await ps(line, servers, { env })).calls[0]?.endpoint;
  assert.equal(await asked("--all-hosts"), AGGREGATOR);
  assert.equal(await asked("--all-hosts", { MOSAIC_ENDPOINT: "/env.sock" }), "unix:/env.sock");
  assert.equal(
    await asked("--all-hosts --endpoint http://127.0.0.1:8787", { MOSAIC_ENDPOINT: "/env.sock" }),
    "http://127.0.0.1:8787",
  );
  assert.equal(await asked("--endpoint /env.sock"), "unix:/env.sock");
  const gone = await ps("--all-hosts --endpoint /gone.sock", servers);
  assert.equal(gone.exitCode, 4);
  assert.equal(gone.calls.length, 1);
});

test("nobody there is exit 4, with what to do", async () => {
  const { exitCode, stdout, stderr } = await ps("--all-hosts", {});
  assert.deepEqual([exitCode, stdout], [4, ""]);
  assert.equal(
    stderr,
    `mosaic: no daemon answers at ${AGGREGATOR} (ENOENT)\nhint: start mosaic-aggregator on this host (mosaic gateway status says how it stands), or name one with --endpoint or MOSAIC_ENDPOINT\n`,
  );
});

test("an endpoint that can't be used is a usage error, and plain text to another machine is not allowed", async () => {
  assert.equal((await ps("--all-hosts --endpoint nonsense", {})).exitCode, 2);
  assert.equal((await ps("--all-hosts --endpoint http://10.0.0.1:80", {})).exitCode, 5);
});

test("a missing host is exit 3, or 0 when that is allowed; no host at all is 4 either way", async () => {
  const partial = { [AGGREGATOR]: serving({ hosts: [hostJson("alpha"), lost], agents: [agentJson("alpha", "lead")] }) };
  const { exitCode, stdout } = await ps("--all-hosts", partial);
  assert.equal(exitCode, 3);
  assert.match(stdout, /INCOMPLETE: 1 unreachable\.\n$/);
  assert.equal((await ps("--all-hosts --allow-partial", partial)).exitCode, 0);
  const silent = { [AGGREGATOR]: serving({ hosts: [lost], agents: [agentJson("gamma", "lead")] }) };
  assert.equal((await ps("--all-hosts", silent)).exitCode, 4);
  assert.equal((await ps("--all-hosts --allow-partial", silent)).exitCode, 4);
  assert.equal(JSON.parse((await ps("--all-hosts --json", silent)).stdout).items[0].state, "STALE");
});

test("every page is read, and the hosts are those of the last", async () => {
  const pages: Record<string, ListResponseJson> = {
    "": { hosts: [hostJson("alpha", { ageMs: "1" })], agents: [agentJson("alpha", "a")], nextPageToken: "p2" },
    p2: { hosts: [hostJson("alpha", { ageMs: "2" })], agents: [agentJson("alpha", "b")], nextPageToken: "p3" },
    p3: { hosts: [hostJson("alpha", { ageMs: "3" })], agents: [agentJson("alpha", "c")], inconsistentContinue: true },
  };
  const { stdout, stderr } = await ps("--all-hosts --json", {
    [AGGREGATOR]: serving(({ pageToken = "" }) => pages[pageToken] ?? assert.fail(pageToken)),
  });
  const answer = JSON.parse(stdout);
  assert.deepEqual(
    answer.items.map((item: { name: string }) => item.name),
    ["a", "b", "c"],
  );
  assert.equal(answer.hosts[0].age_ms, 3);
  assert.equal(stderr, "mosaic: the fleet changed while it was listed; its rows are not of one instant\n");
});

test("a server that repeats a page token does not keep us for ever", async () => {
  const { exitCode } = await ps("--all-hosts", { [AGGREGATOR]: serving({ ...whole, nextPageToken: "again" }) });
  assert.equal(exitCode, 0);
});

test("the question goes out as it was asked, within the time given", async () => {
  const servers = { [AGGREGATOR]: serving(whole) };
  const { calls } = await ps("--all-hosts --live --host alpha --tenant team-a --timeout 7s", servers);
  assert.deepEqual(calls[0]?.request, {
    selector: { tenantIds: ["team-a"], hosts: ["alpha"] },
    live: true,
    pageSize: 0,
    pageToken: "",
  });
  assert.equal(calls[0]?.timeoutMs, 7000);
  assert.equal((await ps("--all-hosts", servers)).calls[0]?.timeoutMs, 5000);
});

test("a host that does not exist is a usage error with a near name, not an empty fleet", async () => {
  const servers = { [AGGREGATOR]: serving(({ selector }) => (selector?.hosts?.length ? {} : whole)) };
  const { exitCode, stderr } = await ps("--all-hosts --host alpa", servers);
  assert.equal(exitCode, 2);
  assert.equal(stderr, 'mosaic: no host "alpa" in this fleet\nhint: did you mean alpha?\n');
});

test("JSON lines are hosts, agents and a summary, in that order", async () => {
  const { stdout } = await ps("--all-hosts --jsonl", {
    [AGGREGATOR]: serving({ hosts: [hostJson("alpha"), lost], agents: [agentJson("alpha", "lead")] }),
  });
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((line) => line.type),
    ["host", "host", "item", "summary"],
  );
  assert.ok(lines.every((line) => line.schema === "mosaic.fleet.ps/1"));
  assert.deepEqual(lines[3], {
    schema: "mosaic.fleet.ps/1",
    type: "summary",
    complete: false,
    scope: { tenants: ["team-a"] },
    via: "aggregator",
    host_count: 2,
    item_count: 1,
    conditions: [],
  });
});

test("on a narrow terminal columns go; --wide keeps them", async () => {
  const servers = { [AGGREGATOR]: serving(whole) };
  const terminal = { columns: 50, rows: 20 };
  assert.match((await ps("--all-hosts --no-color", servers, { terminal })).stdout, /Not shown: .*PID/s);
  assert.match((await ps("--all-hosts --no-color --wide", servers, { terminal })).stdout, /^TENANT .* PID .*NOTES$/m);
});

test("errors of the server are passed on; only silence of this host's own node leads to a direct look", async () => {
  const failing = (code: "DEADLINE" | "NOT_ALLOWED" | "NOT_SERVED"): MemoryServer => ({
    unary: { List: () => Promise.reject(new MosaicError(code, `node says ${code}`)) },
  });
  assert.equal((await ps("", { [NODE]: failing("NOT_ALLOWED") })).exitCode, 5);
  assert.equal((await ps("--all-hosts", { [AGGREGATOR]: failing("DEADLINE") })).exitCode, 4);
  assert.equal((await ps(`--endpoint ${NODE}`, { [NODE]: failing("DEADLINE") })).exitCode, 4);
  const looked = await ps("", { [NODE]: failing("NOT_SERVED") }, { env: { MOSAIC_HOME: "/nonexistent" } });
  assert.equal(looked.exitCode, 1);
  assert.match(looked.stderr, /no node answers on this host, and there is no roster at \/nonexistent\/fleet\/roster\.yaml/);
});

test("flags that contradict each other are refused", async () => {
  assert.match((await ps("--watch --json", {})).stderr, /use --watch --jsonl/);
  assert.equal((await ps("--watch --live", {})).exitCode, 2);
});
