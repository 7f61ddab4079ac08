import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { type DiscoverDeps, type DiscoveryProvider, idHashOf, type Sighting } from "@mosaic/discovery";
import { runCli } from "../../cli.ts";
import { COMMANDS } from "../../command-table/command-table.ts";
import { hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";
import { discover } from "./discover.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const fleet: MemoryServer = { unary: { List: () => ({ hosts: [hostJson("alpha"), hostJson("gamma", { hostId: "" })] }) } };
const eth0 = { interfaceName: "eth0", family: "ipv4", address: "10.0.0.1", networks: ["10.0.0.1/24"], addresses: [] } as const;

function sighting(instance: string, id: string, more: Partial<Sighting> = {}, ...txt: string[]): Sighting {
  const entries = ["txtvers=1", "proto=1", `id=${idHashOf(id)}`, ...(txt.length > 0 ? txt : ["role=node"])];
  const where = { interfaceName: "eth0", family: "ipv4", port: 8787, addresses: ["10.0.0.5"] } as const;
  return { instance, ...where, txt: entries.map((entry) => Buffer.from(entry)), ...more };
}

const alpha = sighting("alpha-1", "id-alpha");
const stranger = sighting(
  "stranger-2",
  "id-stranger",
  { addresses: ["10.0.0.7", "fe80::7%eth0"] },
  "role=node",
  "scope=loopback",
);
const own = sighting("desk-3", "agg-1", { port: 8788 }, "role=aggregator");

/** Multicast DNS that hears these, and has that problem on its only link. */
function multicast(sightings: readonly Sighting[], problem?: string): Omit<DiscoverDeps, "clock"> & { heard: Promise<void> } {
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  const provider: DiscoveryProvider = {
    name: "avahi",
    ended: new Promise(() => {}),
    async browse(listener) {
      for (const each of sightings) listener.onFound(each);
      if (problem !== undefined) listener.onProblem({ link: eth0, reason: problem });
      resolve();
      return { async [Symbol.asyncDispose]() {} };
    },
    advertise: () => assert.fail("nobody announces here"),
    async [Symbol.asyncDispose]() {},
  };
  return { openProvider: async () => provider, listLinks: () => [eth0], heard };
}

async function look(
  line: string,
  network: ReturnType<typeof multicast>,
  servers: Record<string, MemoryServer> = {},
  interrupts = false,
) {
  const io = memoryIo();
  const commands = COMMANDS.map((command) => {
    if (command.path.join(" ") !== "gateway discover") return command;
    return {
      ...command,
      load: async () => ({ run: (...[one, world, deps]: Parameters<typeof discover>) => discover(one, world, deps, network) }),
    };
  });
  const argv = ["gateway", "discover", ...(interrupts ? [] : ["--timeout", "1ms"]), ...line.split(" ").filter(Boolean)];
  const running = runCli(argv, io, { commands: commands as typeof COMMANDS, deps: { remote: memoryRemote(servers) } });
  if (interrupts) void network.heard.then(() => io.interrupt(new MosaicError("CANCELLED", "interrupted")));
  return { exitCode: await running, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("who announces itself is shown beside what is expected, and nothing of it as proven", async () => {
  const { exitCode, stdout, stderr } = await look("", multicast([stranger, own, alpha]), { [AGGREGATOR]: fleet });
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `NAME        ROLE        STATE       ADDRESSES  PORT  PROTOCOL  ID                NOTES
alpha-1     node        enrolled    10.0.0.5   8787  1         ${idHashOf("id-alpha")}  claims the id of team-a/alpha
desk-3      aggregator  enrolled    10.0.0.5   8788  1         ${idHashOf("agg-1")}
stranger-2  node        discovered  10.0.0.7   8787  1         ${idHashOf("id-stranger")}  listens on its own loopback only
3 daemons on eth0 (through avahi-daemon), 2 enrolled.
`,
  );
  assert.equal(stderr, "hint: discovered is not enrolled; see mosaic host add --help\n");
});

test("without anybody who knows the fleet nobody is called enrolled, and it is said why", async () => {
  const { exitCode, stdout, stderr } = await look("", multicast([alpha]));
  assert.equal(exitCode, 0);
  assert.match(stdout, /^alpha-1 +node +discovered /m);
  assert.match(stderr, /^which of them are enrolled can't be told: no daemon answers at /m);
});

test("to find nobody is no success: it is said where it might be due, and what to do", async () => {
  const { exitCode, stdout, stderr } = await look("", multicast([]));
  assert.equal(exitCode, 4);
  assert.equal(stdout, "No daemon announces itself on eth0 (through avahi-daemon).\n");
  assert.match(stderr, /firewall drops UDP port 5353.*\nhint: start mosaic-node .*--advertise/);
});

test("where multicast does not work, that is the error, and not that nobody is there", async () => {
  const { exitCode, stderr } = await look("", multicast([], "ipv4 on eth0: EPERM: sending is forbidden"));
  assert.equal(exitCode, 1);
  assert.match(stderr, /multicast is not available: ipv4 on eth0: EPERM/);
});

test("a link that could not be looked on makes the answer partial", async () => {
  const answer = await look("--json", multicast([alpha], "ipv6 on eth0: ENODEV"));
  assert.equal(answer.exitCode, 3);
  assert.deepEqual([JSON.parse(answer.stdout).complete, JSON.parse(answer.stdout).problems], [false, ["ipv6 on eth0: ENODEV"]]);
});

test("Ctrl-C ends it early, with what was found", async () => {
  const { exitCode, stdout } = await look("--json", multicast([alpha]), {}, true);
  assert.equal(exitCode, 130);
  assert.deepEqual([JSON.parse(stdout).complete, JSON.parse(stdout).items.length], [false, 1]);
});

test("what is announced can't act on a terminal, in any form of the answer", async () => {
  const hostile = sighting("a\u001b]0;owned\u0007\u202eb", "x", { addresses: ["\u001b[2J"] }, "role=\u001b[31m");
  for (const form of ["", "--json", "--jsonl"]) {
    const { stdout, stderr } = await look(form, multicast([hostile]));
    assert.doesNotMatch(`${stdout}${stderr}`.replaceAll("\n", ""), /[\p{Cc}\u202e]/u, form);
  }
});

test("the fields of mosaic.gateway.discover/1", async () => {
  const answer = JSON.parse((await look("--json", multicast([alpha]), { [AGGREGATOR]: fleet })).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "by", "interfaces", "problems", "left_out_count", "items"]);
  assert.deepEqual(answer.items, [
    {
      instance: "alpha-1",
      role: "node",
      protocol_version: 1,
      id_hash: idHashOf("id-alpha"),
      port: 8787,
      addresses: ["10.0.0.5"],
      links: [{ interface: "eth0", family: "ipv4" }],
      loopback_only: false,
      enrolled: true,
      host: { tenant_id: "team-a", host: "alpha" },
    },
  ]);
});

test("JSON lines end with a summary", async () => {
  const { stdout } = await look("--jsonl", multicast([alpha, own]));
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ type }) => type),
    ["daemon", "daemon", "summary"],
  );
  assert.deepEqual([lines[2].item_count, lines[2].by], [2, "avahi"]);
});
