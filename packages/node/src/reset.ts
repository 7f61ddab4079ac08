import { MosaicError, type Span } from "@mosaic/core";
import type { Agent, Receipt, ResetRequest } from "@mosaic/wire";
import type { Delivery } from "./delivery/delivery.ts";

export interface ResetDeps {
  readonly delivery: Delivery;
  /** What is typed to start a fresh conversation in a runtime; undefined: not known. */
  readonly resetCommandOf: (runtime: string) => string | undefined;
}

/** Starts a fresh conversation in one agent by typing its runtime's reset command, durable and in line with the messages to it. The
 *  audit log has it before it is typed; a reset that can't be recorded is FAILED.
 *  @throws MosaicError NOT_HERE when the runtime has no such command, and what Delivery throws */
export async function resetAgent(
  deps: ResetDeps,
  agent: Agent,
  request: ResetRequest,
  span: Span,
  signal: AbortSignal,
): Promise<{ receipt: Receipt; command: string }> {
  const command = commandFor(deps, agent);
  return { receipt: await deps.delivery.reset(request, command, agent, span, signal), command };
}

function commandFor(deps: ResetDeps, agent: Agent): string {
  const command = agent.runtime === "" ? undefined : deps.resetCommandOf(agent.runtime);
  if (command !== undefined) return command;
  const runtime = agent.runtime === "" ? "of unknown runtime" : `of runtime "${agent.runtime}", which has no reset command`;
  throw new MosaicError("NOT_HERE", `cannot reset "${agent.name}" on ${agent.host}: it is ${runtime}`, {
    hint:
      agent.runtime === ""
        ? "add it to the roster, with its runtime"
        : `set runtimes.${agent.runtime}.reset_command in the roster of ${agent.host}`,
  });
}
