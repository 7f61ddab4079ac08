/** Who is expected: by command, by file and out of DNS, with real daemons that are killed and started again. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { nameServer, srvData } from "../../packages/host/src/name-server-for-tests.ts";
import { type DaemonHome, daemonHome, quietRoster } from "./daemon-home.ts";

interface Listed {
  readonly complete: boolean;
  readonly hosts: readonly {
    readonly host: string;
    readonly state: string;
    readonly sources: readonly string[];
    readonly detail: string;
  }[];
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
}

/** A home with a node of team-a that serves at `unix:<socket>`. */
async function nodeHome(stack: AsyncDisposableStack, host: string): Promise<{ home: DaemonHome; socket: string }> {
  const home = stack.use(await daemonHome({ name: host }));
  await home.write("fleet/roster.yaml", quietRoster(host, ["lead"]));
  return { home, socket: `unix:${join(home.mosaicHome, "fleet/run/node.sock")}` };
}

async function hostsOf(home: DaemonHome): Promise<Listed> {
  const end = await home.mosaic("host", "list", "--all-hosts", "--json");
  assert.notEqual(end.stdout, "", end.stderr);
  return JSON.parse(end.stdout) as Listed;
}

function statesOf({ hosts }: Listed): string[][] {
  return hosts.map(({ host, state }) => [host, state]);
}

async function auditOf(
  home: DaemonHome,
): Promise<{ action: string; actor: string; host: string; facts: Record<string, unknown> }[]> {
  const text = await readFile(join(home.mosaicHome, "fleet/audit.jsonl"), "utf8").catch(() => "");
  const entries = text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return entries.filter(({ action }) => String(action).startsWith("host."));
}

function group(host: string, target: string): string {
  return `- targets: ["${target}"]\n  labels: { host: ${host}, tenant: team-a }\n`;
}

test("a host that is added by command is expected through every death, until somebody removes it", {
  timeout: 120_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const { home: beta, socket } = await nodeHome(stack, "beta");
  const top = stack.use(await daemonHome({ name: "top" }));
  await top.write("fleet/hosts.yaml", "[]\n");
  const node = await beta.serves("node");
  const aggregator = await top.serves("aggregator");

  const added = await top.mosaic("host", "add", "team-a/beta", "--address", socket, "--reason", "new rack");
  assert.equal(added.exitCode, 0, added.stderr);
  assert.match(added.stdout, /^team-a\/beta is expected from now on, at unix:.*\. It is LIVE with 1 agent\.\n$/);
  const again = await top.mosaic("host", "add", "team-a/beta", "--address", socket);
  assert.match(again.stdout, /was expected so before/);
  assert.deepEqual(await hostsOf(top).then(({ hosts }) => hosts[0]?.sources), ["command"]);

  node.kill("SIGKILL");
  await node.ended;
  await eventually(
    "the killed node is UNREACHABLE, and listed",
    async () => (await hostsOf(top)).hosts[0]?.state === "UNREACHABLE",
  );
  aggregator.kill("SIGKILL");
  await aggregator.ended;
  const next = await top.serves("aggregator");
  const [[name, state] = []] = await eventually("the new aggregator has tried", async () => {
    const states = statesOf(await hostsOf(top));
    return states[0]?.[1] !== "WARMING" && states;
  });
  assert.equal(name, "beta");
  assert.match(state ?? "", /^(NEVER_SEEN|UNREACHABLE)$/);

  const silent = await top.mosaic("host", "rm", "team-a/beta");
  assert.equal(silent.exitCode, 2, "without a terminal nobody is asked");
  const gone = await top.mosaic("host", "rm", "team-a/beta", "--yes", "--reason", "sold", "--json");
  assert.deepEqual([gone.exitCode, JSON.parse(gone.stdout).removed], [0, true], gone.stderr);
  assert.deepEqual(statesOf(await hostsOf(top)), []);
  next.kill("SIGTERM");
  await next.ended;
  await top.serves("aggregator");
  assert.deepEqual(statesOf(await hostsOf(top)), [], "and stays gone");

  const entries = await auditOf(top);
  assert.deepEqual(
    entries.map(({ action, host, facts }) => [action, host, facts["reason"]]),
    [
      ["host.add", "beta", "new rack"],
      ["host.remove", "beta", "sold"],
    ],
  );
  for (const { actor } of entries) assert.match(actor, /:operator$/);
});

test("the file belongs to its owner: its hosts leave by an edit, and a bad edit changes nothing and is told", {
  timeout: 120_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const { home: alpha, socket } = await nodeHome(stack, "alpha");
  const top = stack.use(await daemonHome({ name: "top" }));
  await top.write("fleet/hosts.yaml", group("alpha", socket) + group("beta", "unix:/nowhere/node.sock"));
  await alpha.serves("node");
  await top.serves("aggregator");
  await eventually("alpha is LIVE", async () => (await hostsOf(top)).hosts[0]?.state === "LIVE");

  const refused = await top.mosaic("host", "rm", "alpha", "--yes");
  assert.equal(refused.exitCode, 5);
  assert.match(refused.stderr, /team-a\/alpha is named by the membership file[\s\S]*take its group out of .*hosts\.yaml/);
  const drained = await top.mosaic("host", "drain", "alpha", "--reason", "kernel");
  assert.equal(drained.exitCode, 0, drained.stderr);
  const answer = await hostsOf(top);
  assert.equal(answer.hosts[0]?.state, "DRAINING");
  assert.match(answer.hosts[0]?.detail ?? "", /taken out of service by .*:operator: kernel/);

  await top.overwrite("fleet/hosts.yaml", "- targets: []\n");
  const told = await eventually("the bad file is told", async () => {
    const listed = await hostsOf(top);
    return listed.conditions.some(({ type }) => type === "MEMBERSHIP_INVALID") && listed;
  });
  assert.deepEqual(
    told.hosts.map(({ host }) => host),
    ["alpha", "beta"],
  );
  const ps = await top.mosaic("fleet", "ps", "--all-hosts");
  assert.match(
    ps.stdout,
    /\nMEMBERSHIP_INVALID: .*group 1: .*the last good file stays in force \(since .*Z\)\n[\s\S]* hosts?\. INCOMPLETE/,
  );

  await top.write("fleet/hosts.yaml", group("alpha", socket));
  await eventually("beta left with its line, and the file is good", async () => {
    const listed = await hostsOf(top);
    return listed.hosts.length === 1 && !listed.conditions.some(({ type }) => type === "MEMBERSHIP_INVALID");
  });
  const entries = await eventually("the edit is on record", async () => {
    const found = await auditOf(top);
    return found.some(({ action }) => action === "host.remove") && found;
  });
  assert.deepEqual(
    entries.map(({ action, host }) => [action, host]),
    [
      ["host.drain", "alpha"],
      ["host.remove", "beta"],
    ],
  );
  const undrained = await top.mosaic("host", "undrain", "team-a/alpha");
  assert.equal(undrained.stdout, "team-a/alpha is in service again\n");
  const described = await top.mosaic("host", "describe", "alpha");
  assert.equal(described.exitCode, 0, described.stderr);
  assert.match(described.stdout, /^team-a\/alpha {2}LIVE\n[\s\S]*expected by +file\n/);
});

test("a host that moved is found by its SRV record, and stays when the name server forgets it", {
  timeout: 120_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const { home: alpha } = await nodeHome(stack, "alpha");
  const top = stack.use(await daemonHome({ name: "top" }));
  await top.write("fleet/hosts.yaml", group("alpha", "unix:/where/it/was.sock"));
  const node = await alpha.serves("node", "--listen", "127.0.0.1:0");
  const port = Number(/:(\d+)$/.exec(node.record.endpoints.find((each) => each.startsWith("http")) ?? "")?.[1]);
  const service = "_mosaic-node._tcp.example.org";
  const records = {
    [`SRV ${service}`]: [srvData(1, 1, port, "alpha.example.org")],
    "A alpha.example.org": [Buffer.from([127, 0, 0, 1])],
  };
  const server = await nameServer(stack, records);
  await top.serves("aggregator", "--discover-srv", service, "--dns-server", server);
  const found = await eventually("alpha is LIVE", async () => {
    const [host] = (await hostsOf(top)).hosts;
    return host?.state === "LIVE" && host;
  });
  assert.deepEqual(found.sources, ["dns-srv", "file"]);

  const other = stack.use(await daemonHome({ name: "other" }));
  await other.write("fleet/hosts.yaml", group("alpha", node.record.endpoints.find((each) => each.startsWith("http")) ?? ""));
  await other.serves("aggregator", "--discover-srv", "_nobody._tcp.example.org", "--dns-server", server);
  const told = await eventually("a name that is not there is told", async () => {
    const listed = await hostsOf(other);
    return listed.conditions.some(({ type }) => type === "DISCOVERY_FAILED") && listed;
  });
  assert.deepEqual(
    told.hosts.map(({ host }) => host),
    ["alpha"],
  );
});
