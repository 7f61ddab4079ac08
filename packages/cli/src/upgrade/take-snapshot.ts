import { MosaicError } from "@mosaic/core/light";
import type { GatewayRole } from "@mosaic/lifecycle";
import type { InfoResponseJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import { fleetReader } from "../fleet/read-fleet.ts";
import { verify } from "../fleet/verify-answer.ts";
import type { Io } from "../io/io.ts";
import type { GlobalOptions } from "../parse/global-options.ts";
import { placesFor } from "../remote/endpoints.ts";
import { listHosts } from "../remote/list-fleet.ts";
import type { SeenDaemon, Snapshot } from "./snapshot.ts";

/** How long a daemon has for an answer, in ms: it is asked again and again. */
const ASK_MS = 3000;

/** Looks at this host as `fleet verify` and `health` do: its daemons, its own state, and each of its agents.
 *  @throws MosaicError CANCELLED; everything else that is wrong is told in it */
export async function takeSnapshot(globals: GlobalOptions, io: Io, deps: CommandDeps): Promise<Snapshot> {
  // --endpoint names somebody else, and this is about the host that is changed.
  const own = { ...globals, endpoint: undefined, isEndpointFlagged: false };
  const daemons = await Promise.all((["node", "aggregator"] as const).map((role) => askDaemon(role, own, deps)));
  const isAggregator = daemons.some(({ role, answers }) => role === "aggregator" && answers);
  const mesh = isAggregator ? await askMesh(own, deps) : null;
  return { daemons, mesh, ...(await lookAtHost(own, io, deps)) };
}

async function askDaemon(role: GatewayRole, { mosaicHome }: GlobalOptions, { remote }: CommandDeps): Promise<SeenDaemon> {
  const endpoint = { kind: "unix", path: `${mosaicHome}/fleet/run/${role}.sock` } as const;
  try {
    const { version = "", pid } = await remote.unary<InfoResponseJson>(endpoint, "Info", {}, ASK_MS);
    return { role, answers: true, version, pid: pid ?? null };
  } catch (thrown) {
    rethrowIfCancelled(thrown);
    return { role, answers: false, version: "", pid: null };
  }
}

async function lookAtHost(
  globals: GlobalOptions,
  io: Io,
  deps: CommandDeps,
): Promise<Pick<Snapshot, "hosts" | "agents" | "conditions" | "problem">> {
  const question = { globals, reach: "this-host", tenants: [], hosts: [], isLive: false, timeoutMs: ASK_MS } as const;
  try {
    await using reader = fleetReader(question, io, deps);
    const reading = await reader.read();
    const { answer, judged } = verify(question, reading, []);
    const panes = new Map(judged.map(({ item }) => [item.name, item.pane?.pid ?? null]));
    const told = [...(reading.conditions ?? []), ...reading.hosts.flatMap(({ conditions = [] }) => conditions)];
    return {
      hosts: answer.hosts.map(({ host, state }) => ({ host, state })),
      agents: answer.items.map(({ name, live, why }) => ({ name, live, why, pid: panes.get(name) ?? null })),
      conditions: [...new Set(told.map(({ type = "" }) => type))].filter((type) => type !== "NO_SYSTEMD").sort(),
      problem: "",
    };
  } catch (thrown) {
    rethrowIfCancelled(thrown);
    return { hosts: [], agents: [], conditions: [], problem: MosaicError.from(thrown).message };
  }
}

async function askMesh(globals: GlobalOptions, { remote }: CommandDeps): Promise<Snapshot["mesh"]> {
  const [place] = placesFor("all-hosts", { ...globals, isRosterFlagged: false });
  try {
    const hosts = await listHosts(remote, place, { tenants: [], hosts: [], isLive: false, timeoutMs: ASK_MS });
    return { live: hosts.filter(({ state }) => state === "HOST_STATE_LIVE").length, total: hosts.length };
  } catch (thrown) {
    rethrowIfCancelled(thrown);
    return null;
  }
}

function rethrowIfCancelled(thrown: unknown): void {
  const error = MosaicError.from(thrown);
  if (error.code === "CANCELLED") throw error;
}
