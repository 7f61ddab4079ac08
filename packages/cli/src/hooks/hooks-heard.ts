import { MosaicError } from "@mosaic/core/light";
import type { AgentJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import { DEFAULT_TIMEOUT_MS, type GlobalOptions } from "../parse/global-options.ts";
import { askFirst, placesFor } from "../remote/endpoints.ts";
import { listFleet } from "../remote/list-fleet.ts";
import type { HooksHeard } from "./hook-item.ts";

/** The agents of this host as its node hears them; undefined when no node answers.
 *  @throws MosaicError as `Remote.unary`, but not because nothing is served */
export async function hostAgents(globals: GlobalOptions, deps: CommandDeps): Promise<readonly AgentJson[] | undefined> {
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const question = { tenants: [], hosts: [], isLive: false, pageSize: 0, timeoutMs };
  try {
    return (await askFirst(placesFor("this-host", globals), (place) => listFleet(deps.remote, place, question))).agents;
  } catch (thrown) {
    if (MosaicError.from(thrown).code === "NOT_SERVED") return undefined;
    throw thrown;
  }
}

/** Counts what is heard of a runtime's agents. That a file is in place proves nothing; that a hook was heard does. */
export function hooksHeard(runtime: string, agents: readonly AgentJson[]): HooksHeard {
  const own = agents.filter((agent) => agent.runtime === runtime);
  return {
    agents: own.length,
    by_hook: own.filter((agent) => agent.heartbeat?.evidence === "EVIDENCE_HOOK").length,
    hookless: own.filter(isHookless).map((agent) => agent.name ?? ""),
  };
}

function isHookless({ conditions = [] }: AgentJson): boolean {
  return conditions.some((condition) => condition.type === "HOOKLESS");
}
