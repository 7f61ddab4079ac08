import { type Clock, MosaicError } from "@mosaic/core";
import { startDeadline } from "../tmux/deadline.ts";
import { ConnectionLost } from "./bus-connection.ts";
import type { ManagerLink } from "./manager-link.ts";
import type { ManagerSession } from "./manager-session.ts";

export interface ErrandOptions {
  readonly link: Pick<ManagerLink, "outcome" | "lostForMs" | "drop">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Says what was not done in time. */
  readonly late: () => MosaicError;
  /** A question changes nothing: it is asked again, once, when the connection was lost meanwhile, and a manager that does not
   *  answer it in time is hung, so that its connection is given up with all that waits in it. */
  readonly isQuestion: boolean;
}

export type ErrandResult<T> = { readonly kind: "done"; readonly value: T } | { readonly kind: "absent"; readonly reason: string };

/** Asks the user manager something, which it does within 5 s or not at all.
 *  @throws as {@link runErrand} */
export function askManager<T>(
  options: Pick<ErrandOptions, "link" | "clock" | "signal">,
  question: (session: ManagerSession) => Promise<T>,
): Promise<ErrandResult<T>> {
  const late = () => new MosaicError("MACHINE", `systemd's user manager gave no answer within ${ANSWER_WITHIN_MS / 1_000} s`);
  return runErrand({ ...options, timeoutMs: ANSWER_WITHIN_MS, late, isQuestion: true }, question);
}

/** Does something over the connection to the user manager, within a limit of time. While a manager that was just there is
 *  away, as when it executes itself anew, this waits for up to 1 s before it says that there is none.
 *  @throws what `work` throws, ConnectionLost among it; what `late` says; MosaicError CANCELLED, MACHINE when the manager is
 *  there and turns us away */
export async function runErrand<T>(
  options: ErrandOptions,
  work: (session: ManagerSession) => Promise<T>,
): Promise<ErrandResult<T>> {
  const { link, clock, signal, timeoutMs, late, isQuestion } = options;
  if (signal.aborted) throw new MosaicError("CANCELLED", "interrupted", { cause: signal.reason });
  using deadline = startDeadline(clock, timeoutMs, signal, late);
  let isRepeatable = isQuestion;
  for (;;) {
    const outcome = await deadline.race(link.outcome());
    if (outcome.kind === "failed") throw outcome.error;
    if (outcome.kind === "absent") {
      if (link.lostForMs() > COMES_BACK_WITHIN_MS) return outcome;
      await deadline.race(clock.sleep(LOOK_AGAIN_AFTER_MS, signal));
      continue;
    }
    try {
      return { kind: "done", value: await deadline.race(work(outcome.session)) };
    } catch (error) {
      const isLost = error instanceof ConnectionLost;
      if (isLost || (isQuestion && deadline.isLate)) link.drop(outcome.session);
      if (!isLost || !isRepeatable) throw error;
      isRepeatable = false;
    }
  }
}

const ANSWER_WITHIN_MS = 5_000;
/** systemd 252 with 200 units takes 0.2 s. */
const COMES_BACK_WITHIN_MS = 1_000;
const LOOK_AGAIN_AFTER_MS = 20;
