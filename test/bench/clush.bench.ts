/** The same question, which agents run on which host, asked by `clush`, `pdsh` and `mosaic`, of hosts that are all up, of which one is
 *  dead, refuses or hangs, and that are all dead: how long it takes, the exit code, and what is said of one bad host. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { membershipOf } from "../faults/expected-host.ts";
import { FaultDaemon } from "../faults/fault-daemon.ts";
import { netObstacle, startFaultNet } from "../faults/fault-net.ts";
import { HostWithAgents } from "../faults/host-with-agents.ts";
import { SshDoors, sshObstacle } from "../faults/ssh-door.ts";
import type { ProgramEnd, RunningProgram } from "../mesh/run-program.ts";

const HOSTS = ["h1", "h2", "h3", "h4", "h5", "h6"];
const BAD = "h3";
const RUNS = 3;
const COMMAND = "tmux -L $AGENTS_ON list-sessions -F '#{session_name}'";

interface Host {
  readonly real: HostWithAgents;
  readonly sshPort: number;
  sshd: RunningProgram;
}

const obstacle = netObstacle() ?? sshObstacle();
if (obstacle === undefined) await compare();
else console.error(`not measured: ${obstacle}`);
process.exit(0);

async function compare(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "mosaic-clush-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "home"));
  const net = stack.use(await startFaultNet());
  const doors = new SshDoors(net, folder);
  await doors.open();
  const hosts = new Map<string, Host>();
  for (const [index, name] of HOSTS.entries()) {
    const real = stack.use(await HostWithAgents.start({ net, folder, name, port: 8700 + index }));
    const sshPort = 2200 + index;
    const sshd = stack.use(await doors.start(name, sshPort, { AGENTS_ON: real.socketName }));
    hosts.set(name, { real, sshPort, sshd });
  }
  const aggregator = stack.use(new FaultDaemon({ net, folder, role: "aggregator", name: "aggregator" }));
  await aggregator.write("fleet/hosts.yaml", membershipOf([...hosts.values()].map(({ real }) => real.host)));
  await aggregator.start();
  const tools: Record<string, () => Promise<ProgramEnd>> = {
    clush: () => doors.clush(HOSTS, COMMAND),
    "clush -S": () => doors.clush(HOSTS, COMMAND, ["-S"]),
    "pdsh -S": () => doors.pdsh(HOSTS, COMMAND, ["-S"]),
    "mosaic fleet ps": () => aggregator.mosaic(["fleet", "ps", "--all-hosts"]),
    "mosaic fleet ps --live": () => aggregator.mosaic(["fleet", "ps", "--all-hosts", "--live"]),
  };
  const shown = (states: RegExp, count: number) =>
    eventually(
      `${count} hosts are ${states}`,
      async () => {
        const { stdout } = await aggregator.mosaic(["host", "list", "--all-hosts", "--json"]);
        const answer = JSON.parse(stdout) as { hosts: { state: string }[] };
        return answer.hosts.filter(({ state }) => states.test(state)).length === count;
      },
      60_000,
    );
  const ports = (host: Host) => [host.sshPort, host.real.host.port];
  const bad = hosts.get(BAD);
  if (!bad) throw new Error(`there is no host ${BAD}`);

  await shown(/^LIVE$/, HOSTS.length);
  await measure("all up", tools);
  await net.cut(ports(bad), "both");
  await shown(/UNREACHABLE/, 1);
  await measure("one dead: its packets are lost", tools);
  await net.heal(ports(bad));
  await shown(/^LIVE$/, HOSTS.length);
  bad.sshd.kill("SIGSTOP");
  bad.real.daemon.signal("SIGSTOP");
  await shown(/UNREACHABLE/, 1);
  await measure("one hung: its processes are stopped", tools);
  bad.sshd.kill("SIGCONT");
  bad.real.daemon.signal("SIGCONT");
  await shown(/^LIVE$/, HOSTS.length);
  await Promise.all([bad.real.daemon.kill(), bad.sshd[Symbol.asyncDispose]()]);
  await shown(/UNREACHABLE/, 1);
  await measure("one refuses: nobody listens there", tools);
  await net.cut([...hosts.values()].flatMap(ports), "both");
  await shown(/UNREACHABLE/, HOSTS.length);
  await measure("all dead: their packets are lost", tools);
}

async function measure(situation: string, tools: Readonly<Record<string, () => Promise<ProgramEnd>>>): Promise<void> {
  for (const [tool, run] of Object.entries(tools)) {
    const ends: ProgramEnd[] = [];
    for (let count = 0; count < RUNS; count += 1) ends.push(await run());
    const times = ends.map((end) => Math.round(end.durationMs)).sort((a, b) => a - b);
    const [end] = ends;
    const text = `${end?.stdout}${end?.stderr}`;
    const saysOfBad = text.split("\n").filter((line) => line.includes(BAD));
    const figure = { situation, tool, hosts: HOSTS.length, medianMs: times[Math.floor(RUNS / 2)], maxMs: times.at(-1) };
    console.log(
      JSON.stringify({
        ...figure,
        exitCodes: ends.map((each) => each.exitCode),
        lines: text.trim().split("\n").length,
        saysOfBad,
      }),
    );
  }
}
