import { MosaicError } from "@mosaic/core/light";
import type { AgentJson, HostStatusJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { checkScope } from "../../fleet/check-scope.ts";
import { exitCodeOf, type PsAnswer, toPsAnswer, type Via } from "../../fleet/ps-answer.ts";
import { freshReading } from "../../fleet/ps-host.ts";
import { viaOf } from "../../fleet/via-of.ts";
import type { Io } from "../../io/io.ts";
import { psLines } from "../../output/ps-lines.ts";
import { psTable } from "../../output/ps-table.ts";
import { askFirst, type Place, placesFor, type Reach } from "../../remote/endpoints.ts";
import { listFleet, listHosts } from "../../remote/list-fleet.ts";
import { type PsOptions, psOptions } from "./ps-options.ts";

/** Lists the agents of this host, or of the whole fleet, with what is not known of them. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const options = psOptions(invocation);
  if (options.isWatch) {
    const { watchFleet } = await import("./ps-watch.ts");
    return watchFleet(options, io, deps);
  }
  const { answer, notes } = await readFleet(options, io, deps);
  return {
    exitCode: exitCodeOf(answer, options.allowPartial),
    envelope: answer,
    lines: () => psLines(answer),
    text: (view) => psTable(answer, options, options.isWide ? { ...view, columns: undefined } : view),
    notes,
  };
}

interface Reading {
  readonly answer: PsAnswer;
  readonly notes: readonly string[];
}

interface RawReading {
  readonly via: Via;
  readonly hosts: readonly HostStatusJson[];
  readonly agents: readonly AgentJson[];
  readonly notes: readonly string[];
}

async function readFleet(options: PsOptions, io: Io, deps: CommandDeps): Promise<Reading> {
  const { via, hosts, agents, notes } = await readRaw(options, io, deps);
  return { answer: toPsAnswer(options, via, hosts.map(freshReading), agents), notes };
}

async function readRaw(options: PsOptions, io: Io, deps: CommandDeps): Promise<RawReading> {
  const reach: Reach = options.isAllHosts ? "all-hosts" : "this-host";
  const places = placesFor(reach, options.globals);
  try {
    return await askFirst(places, (place) => readRemote(place, options, deps));
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    const mayLookOurselves = places[0].via === "node" && LOCAL_SILENCE.has(error.code);
    if (!mayLookOurselves) throw error;
    const note = error.code === "NOT_SERVED" ? [] : [`mosaic: ${error.message}; looked at this host directly`];
    const { readDirectFleet } = await import("../../local/direct-fleet.ts");
    return { ...(await readDirectFleet(options, io)), via: "direct", notes: note };
  }
}

/** Failures of the node of this host that leave the host itself to look at. */
const LOCAL_SILENCE: ReadonlySet<string> = new Set(["NOT_SERVED", "DEADLINE", "HOST_UNREACHABLE"]);

async function readRemote(place: Place, options: PsOptions, deps: CommandDeps): Promise<RawReading> {
  const question = { ...options, pageSize: 0 };
  const list = await listFleet(deps.remote, place, question);
  await checkScope(options, list.hosts, () =>
    listHosts(deps.remote, place, { ...question, tenants: [], hosts: [], isLive: false }),
  );
  const notes = list.isInconsistent ? ["mosaic: the fleet changed while it was listed; its rows are not of one instant"] : [];
  return { via: viaOf(place.via, list.hosts), hosts: list.hosts, agents: list.agents, notes };
}
