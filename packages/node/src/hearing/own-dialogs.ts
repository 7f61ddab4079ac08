import { type Log, MosaicError } from "@mosaic/core";
import type { Agent } from "@mosaic/wire";
import type { AttachRoll } from "../attach-roll.ts";
import type { MannersOf } from "../delivery/manners.ts";
import type { HeartbeatRegistry } from "../heartbeat-registry.ts";
import type { Decisions } from "./decisions.ts";

export interface OwnDialogsDeps {
  readonly decisions: Pick<Decisions, "leaveToTerminal">;
  readonly registry: Pick<HeartbeatRegistry, "said" | "onChange">;
  readonly roll: Pick<AttachRoll, "isAttached" | "onEnter">;
  readonly mannersOf: MannersOf;
  readonly rowOf: (agentName: string) => Agent | undefined;
  readonly log: Log;
}

/** Lets a runtime whose hook hides its dialog show that to who is attached through Mosaic: the hook sees people at a tmux of their
 *  own only, and would wait in their way. Works until it is disposed. */
export class OwnDialogs implements Disposable {
  readonly #deps: OwnDialogsDeps;
  readonly #following: readonly Disposable[];

  constructor(deps: OwnDialogsDeps) {
    this.#deps = deps;
    const look = (agentName: string) => this.#look(agentName);
    this.#following = [deps.registry.onChange(look), deps.roll.onEnter(look)];
  }

  [Symbol.dispose](): void {
    for (const following of this.#following) following[Symbol.dispose]();
  }

  #look(agentName: string): void {
    const { decisions, registry, roll, mannersOf, rowOf, log } = this.#deps;
    if (!roll.isAttached(agentName) || !mannersOf(rowOf(agentName)?.runtime ?? "")?.hookHidesDialog) return;
    for (const { requestId, answerable } of registry.said(agentName)?.approvals ?? []) {
      if (!answerable) continue;
      decisions.leaveToTerminal(agentName, requestId).catch((thrown: unknown) => {
        log.warn({ agent: agentName, error: MosaicError.from(thrown).message }, "a request can't be left to who is attached");
      });
    }
  }
}
