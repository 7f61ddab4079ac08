import { MosaicError } from "@mosaic/core/light";
import type { AgentJson, CallerScopeJson, ConditionJson, HostStatusJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import type { Io } from "../io/io.ts";
import type { DirectFleet } from "../local/direct-fleet.ts";
import type { GlobalOptions } from "../parse/global-options.ts";
import { askFirst, type Place, placesFor, type Reach } from "../remote/endpoints.ts";
import { listFleet, listHosts } from "../remote/list-fleet.ts";
import { checkScope } from "./check-scope.ts";
import type { Via } from "./ps-answer.ts";
import { viaOf } from "./via-of.ts";

/** Which part of the fleet is asked for, and how. */
export interface FleetQuestion {
  readonly globals: GlobalOptions;
  readonly reach: Reach;
  /** Empty: every tenant. */
  readonly tenants: readonly string[];
  /** Empty: every host. */
  readonly hosts: readonly string[];
  /** Ask every host now instead of taking what is known. */
  readonly isLive: boolean;
  readonly timeoutMs: number;
}

/** The fleet as it was told. */
export interface FleetReading {
  readonly via: Via;
  readonly hosts: readonly HostStatusJson[];
  readonly agents: readonly AgentJson[];
  /** What is wrong with the answerer itself. Absent: nothing. */
  readonly conditions?: readonly ConditionJson[];
  /** What the caller may see. Absent: everything. */
  readonly scope?: CallerScopeJson | undefined;
  /** For stderr. */
  readonly notes: readonly string[];
}

/** Reads the fleet, as often as it is asked to. */
export interface FleetReader extends AsyncDisposable {
  /** @throws MosaicError NOT_SERVED when nobody answers, USAGE for a selection of what is not there, and as `Remote.unary` */
  read(): Promise<FleetReading>;
}

/** Reads the fleet once. */
export async function readFleet(question: FleetQuestion, io: Io, deps: CommandDeps): Promise<FleetReading> {
  await using reader = fleetReader(question, io, deps);
  return await reader.read();
}

/** Makes a reader that asks whoever serves the fleet, and looks at this host itself where its node does not answer. What it
 *  opens for that is kept for the next time. */
export function fleetReader(question: FleetQuestion, io: Io, deps: CommandDeps): FleetReader {
  let direct: DirectFleet | undefined;
  return {
    async read() {
      // A roster that is named makes it a question about this host.
      const reach = question.globals.isRosterFlagged && question.reach === "anywhere" ? "this-host" : question.reach;
      const places = placesFor(reach, question.globals);
      const own = await ownRoster(reach, question.globals);
      if (own !== undefined) {
        direct ??= await openDirect(question, io);
        return { ...(await direct.read()), via: "direct", notes: own.notes };
      }
      try {
        return await askFirst(places, (place) => readRemote(place, question, deps));
      } catch (thrown) {
        const error = MosaicError.from(thrown);
        if (!mayLookOurselves(places, reach, error)) throw error;
        const notes = error.code === "NOT_SERVED" ? [] : [`mosaic: ${error.message}; looked at this host directly`];
        direct ??= await openDirect(question, io);
        return { ...(await direct.read()), via: "direct", notes };
      }
    },
    async [Symbol.asyncDispose]() {
      await direct?.[Symbol.asyncDispose]();
    },
  };
}

/** Says whether this host is to be looked at by a roster that was named, past its node, and what there is to say of that;
 *  undefined: the node is asked first. Heartbeats that only the node was told of are not seen then. */
export async function ownRoster(reach: Reach, globals: GlobalOptions): Promise<{ readonly notes: string[] } | undefined> {
  if (reach !== "this-host" || !globals.isRosterFlagged) return undefined;
  const { readNodeRoster } = await import("../local/node-roster.ts");
  const roster = await readNodeRoster(globals);
  if (roster.kind === "same") return undefined;
  if (roster.kind === "none") return { notes: [] };
  return { notes: [`mosaic: the node of this host goes by another roster, ${roster.path}; looked at this host directly`] };
}

async function openDirect(question: FleetQuestion, io: Io): Promise<DirectFleet> {
  const { openDirectFleet } = await import("../local/direct-fleet.ts");
  return await openDirectFleet(question, io);
}

function mayLookOurselves(places: readonly Place[], reach: Reach, error: MosaicError): boolean {
  if (places.at(-1)?.via !== "node") return false;
  // What failed may have been a fleet's aggregator, of which this host is only a part.
  return reach === "this-host" ? LOCAL_SILENCE.has(error.code) : error.code === "NOT_SERVED";
}

/** Failures of the node of this host that leave the host itself to look at. */
const LOCAL_SILENCE: ReadonlySet<string> = new Set(["NOT_SERVED", "DEADLINE", "HOST_UNREACHABLE"]);

/** Reads the fleet at one place, once.
 *  @throws MosaicError USAGE for a selection of what is not there, and as `Remote.unary` */
export async function readRemote(place: Place, question: FleetQuestion, deps: CommandDeps): Promise<FleetReading> {
  const list = await listFleet(deps.remote, place, { ...question, pageSize: 0 });
  await checkScope(question, list.hosts, () =>
    listHosts(deps.remote, place, { ...question, tenants: [], hosts: [], isLive: false }),
  );
  const notes = list.isInconsistent ? ["mosaic: the fleet changed while it was listed; its rows are not of one instant"] : [];
  const { hosts, agents, conditions, scope } = list;
  return { via: viaOf(place.via, hosts), hosts, agents, conditions, scope, notes };
}
