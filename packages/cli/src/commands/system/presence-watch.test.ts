import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { FakeClock } from "@mosaic/testkit";
import type { DaemonPresenceJson, HostStatusJson, PresenceResponseJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { type MemoryIoOptions, memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/m/fleet/run/aggregator.sock";
const ada = { subject: "tenant/team-a/user/ada", kind: "dashboard", carrier: "tls", streams: { Watch: 1 }, lastMethod: "Watch" };
const host = (name: string, more: Partial<HostStatusJson> = {}): HostStatusJson => ({
  ...{ tenantId: "team-a", host: name, hostId: `id-${name}`, state: "HOST_STATE_LIVE", asOfUnixMs: "1", ...more },
});
const node = (name: string, more: Partial<DaemonPresenceJson> = {}): DaemonPresenceJson => ({
  ...{ id: `id-${name}`, role: "node", tenantId: "team-a", host: name, version: "1.0", uptimeMs: "60000", ...more },
});
const BOTH: PresenceResponseJson = { hosts: [host("alpha"), host("beta")], daemons: [node("alpha"), node("beta")] };
const GONE_DOWN: PresenceResponseJson = {
  hosts: [host("alpha"), host("beta", { state: "HOST_STATE_UNREACHABLE", detail: "connection refused" })],
  daemons: [node("alpha")],
};

/** A watch in a world whose time stands still until `after` lets 2 s pass with another answer. */
function start(reply: PresenceResponseJson, argv: readonly string[], options: MemoryIoOptions = {}) {
  const clock = new FakeClock();
  const io = memoryIo({ ...options, clock });
  let answer: () => PresenceResponseJson | Promise<PresenceResponseJson> = () => reply;
  const servers = {
    [AGGREGATOR]: { unary: { Presence: () => answer() } },
    "unix:/m/fleet/run/node.sock": { unary: { Presence: () => ({ hosts: [host("alpha")], daemons: [node("alpha")] }) } },
  };
  const remote = memoryRemote(servers);
  const running = runCli(["system", "presence", "--watch", "--mosaic-home", "/m", ...argv], io, { deps: { remote } });
  return {
    io,
    running,
    remote,
    async after(next: PresenceResponseJson | MosaicError) {
      answer = () => {
        if (next instanceof MosaicError) throw next;
        return next;
      };
      await clock.advance(2000);
    },
    hang: async () => {
      answer = () => new Promise(() => {});
      await clock.advance(2000);
    },
    interrupt: () => io.interrupt(new MosaicError("CANCELLED", "interrupted")),
    told: () =>
      io.stdout.text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
  };
}

test("--watch --json prints the whole answer as one line, and again only when something is another", async () => {
  const { io, running, after, interrupt, told } = start(BOTH, ["--json"], { terminal: { columns: 80, rows: 24 } });
  await io.stdout.shows(/\n/);
  // Ages and counts grow by themselves.
  await after({ ...BOTH, daemons: [node("alpha", { uptimeMs: "62000" }), node("beta", { uptimeMs: "62000" })] });
  await after({ ...BOTH, daemons: [node("alpha", { callers: [ada] }), node("beta")] });
  await after(GONE_DOWN);
  await after({ ...GONE_DOWN, hosts: [host("alpha"), host("beta", { state: "HOST_STATE_AUTH_FAILED" })] });
  interrupt();
  assert.equal(await running, 130);
  const lines = told();
  assert.deepEqual(
    lines.map(({ schema, complete, hosts, items }) => [schema, complete, hosts.length, items[0].callers.length]),
    [
      ["mosaic.system.presence/1", true, 2, 0],
      ["mosaic.system.presence/1", true, 2, 1],
      ["mosaic.system.presence/1", false, 2, 0],
      ["mosaic.system.presence/1", false, 2, 0],
    ],
  );
  assert.deepEqual(
    lines.slice(2).map(({ hosts }) => [hosts[1].host, hosts[1].state]),
    [
      ["beta", "UNREACHABLE"],
      ["beta", "AUTH_FAILED"],
    ],
  );
});

test("into a pipe the text comes again after a change, with the host that was lost by its name", async () => {
  const { io, running, after, interrupt } = start(BOTH, []);
  await io.stdout.shows(/disturb nobody\.\n$/);
  const first = io.stdout.text;
  await after(BOTH);
  assert.equal(io.stdout.text, first);
  await after(GONE_DOWN);
  const again = io.stdout.text.slice(first.length);
  assert.match(again, /^\nnode team-a\/alpha .*\n\nUNREACHABLE {2}team-a\/beta: connection refused\n\nNobody has/s);
  assert.doesNotMatch(io.stdout.text, /\x1b/);
  interrupt();
  assert.equal(await running, 130);
});

test("a host that is taken out of the fleet is said to be", async () => {
  const { io, running, after, interrupt } = start(BOTH, ["--jsonl"]);
  await io.stdout.shows(/"summary"/);
  await after({ hosts: [host("alpha")], daemons: [node("alpha")] });
  assert.match(io.stderr.text, /^mosaic: team-a\/beta is no host of this fleet any more\n$/);
  interrupt();
  await running;
});

test("an aggregator that went is asked again, and never replaced by the node of this host", async () => {
  const { io, running, after, interrupt, told, remote } = start(BOTH, ["--json"]);
  await io.stdout.shows(/\n/);
  const refused = new MosaicError("NOT_SERVED", "no daemon answers at aggregator.sock");
  await after(refused);
  await after(refused);
  assert.equal(io.stderr.text, "mosaic: no daemon answers at aggregator.sock; trying again\n");
  await after(BOTH);
  interrupt();
  assert.equal(await running, 130);
  assert.deepEqual(
    told().map(({ via, hosts }) => [via, hosts.length]),
    [
      ["aggregator", 2],
      ["aggregator", 2],
    ],
  );
  assert.ok(remote.calls.every(({ endpoint }) => endpoint === AGGREGATOR));
});

test("a daemon that started anew is a change", async () => {
  const { io, running, after, interrupt, told } = start(BOTH, ["--json"]);
  await io.stdout.shows(/\n/);
  await after({ ...BOTH, daemons: [node("alpha", { uptimeMs: "1000" }), node("beta")] });
  interrupt();
  await running;
  assert.equal(told().length, 2);
});

test("on a terminal the screen keeps up, names who is missing, and is put back", async () => {
  const { io, running, after, hang } = start(BOTH, ["--no-color"], { terminal: { columns: 100, rows: 12 } });
  await io.stdout.shows(/disturb nobody\. q quits\./);
  assert.ok(io.stdout.text.startsWith("\x1b[?1049h\x1b[?25l"));
  await after({ ...BOTH, daemons: [node("alpha", { callers: [ada] }), node("beta")] });
  await io.stdout.shows(/team-a\/user\/ada[\s\S]*1 caller has streams open/);
  await after(GONE_DOWN);
  await io.stdout.shows(/UNREACHABLE {2}team-a\/beta: connection refused/);
  await after({ hosts: [host("alpha")], daemons: [node("alpha")] });
  await io.stdout.shows(/REMOVED {2}team-a\/beta: no host of this fleet any more/);
  await after(new MosaicError("NOT_SERVED", "nobody is there"));
  await io.stdout.shows(/CONNECTION LOST: nobody is there, this is 2s old, retry in 2s\. /);
  // A question without an answer holds nobody up.
  await hang();
  io.press("q");
  assert.equal(await running, 0);
  assert.ok(io.stdout.text.endsWith("\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"));
  assert.equal(io.isRaw, false);
});

test("on a small terminal hosts that do not answer are counted where they have no room, and Ctrl-C ends it", async () => {
  const lost = Array.from({ length: 20 }, (_, index) => host(`h${index}`, { state: "HOST_STATE_STALE" }));
  const { io, running } = start({ hosts: lost, daemons: [node("alpha")] }, ["--no-color"], {
    terminal: { columns: 80, rows: 8 },
  });
  await io.stdout.shows(/STALE {2}team-a\/h2.*\r\n.*… 17 more hosts that do not answer.*\r\n.*Nobody has anything open/);
  io.press("\x03");
  assert.equal(await running, 130);
});

test("what fails before there is an answer is an error, and not tried for ever", async () => {
  const io = memoryIo();
  const argv = ["system", "presence", "--watch", "--mosaic-home", "/m"];
  assert.equal(await runCli(argv, io, { deps: { remote: memoryRemote({}) } }), 4);
  assert.match(io.stderr.text, /^mosaic: no daemon answers at /);
});
