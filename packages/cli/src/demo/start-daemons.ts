import { procfsTable, readDaemonRecord, startDaemon } from "@mosaic/host";
import type { Installation } from "../local/installation.ts";
import type { DemoHost, DemoPlan } from "./demo-plan.ts";
import type { DemoDaemon } from "./demo-state.ts";

type Environment = Readonly<Record<string, string>>;

/** Starts the node of one demo host and waits until it serves.
 *  @param port the TCP port it had before, so that the aggregator finds it again; 0: any */
export async function startNodeDaemon(
  installation: Installation,
  plan: DemoPlan,
  host: DemoHost,
  port: number,
  env: Environment,
): Promise<DemoDaemon> {
  const names = ["--mosaic-home", host.home, "--host", host.name, "--tenant", plan.tenant];
  // The units on this machine are a real fleet's, whose agents may be called the same.
  const flags = [...names, "--listen", `127.0.0.1:${port}`, "--no-systemd"];
  const pid = await start([...installation.nodeDaemon, ...flags], host.home, "node", env);
  const record = await readDaemonRecord(`${host.home}/fleet/run/node.json`);
  const endpoint = record?.endpoints.find((one) => one.startsWith("http")) ?? "";
  return describe("node", host.name, pid, endpoint, host.home);
}

/** Starts the aggregator of a demo over the membership file in its folder, and waits until it serves. */
export async function startAggregatorDaemon(installation: Installation, plan: DemoPlan, env: Environment): Promise<DemoDaemon> {
  const home = plan.directory;
  const pid = await start([...installation.aggregatorDaemon, "--mosaic-home", home], home, "aggregator", env);
  return describe("aggregator", "aggregator", pid, `unix:${home}/fleet/run/aggregator.sock`, home);
}

async function start(
  argv: readonly [string, ...string[]],
  home: string,
  role: "node" | "aggregator",
  env: Environment,
): Promise<number> {
  const recordPath = `${home}/fleet/run/${role}.json`;
  const before = (await readDaemonRecord(recordPath))?.pid;
  let pid = 0;
  const started = await startDaemon({
    argv,
    env,
    cwd: home,
    logPath: `${home}/${role}.log`,
    // The record is written when the daemon serves; one of an earlier life has another pid.
    readyWhen: async () => {
      pid = (await readDaemonRecord(recordPath))?.pid ?? 0;
      return pid !== 0 && pid !== before;
    },
  });
  return started.pid;
}

function describe(role: DemoDaemon["role"], host: string, pid: number, endpoint: string, home: string): DemoDaemon {
  return { role, host, pid, startTicks: procfsTable().read(pid)?.startTicks, endpoint, home };
}
