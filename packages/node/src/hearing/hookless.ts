import type { PaneProcess } from "./process-roll.ts";

/** What it takes to tell whether an agent's hooks speak. */
export interface HookFacts {
  readonly runtime: string;
  /** False: its first event comes with its first prompt only. */
  readonly announcesStart: boolean;
  readonly process: PaneProcess;
  /** True when anything was heard since the process started. */
  readonly isHeard: boolean;
  /** When a message was last entered into this process, in ms of the host's wall clock; undefined: none was. */
  readonly enteredAtUnixMs: number | undefined;
  readonly nowUnixMs: number;
}

/** After its start, or after a prompt, a hook that fires was heard by then, in ms; the slowest measured start takes 11 s. */
const START_MS = 60_000;
const PROMPT_MS = 10_000;

/** Why an agent's hooks count as dead, for people; empty: they don't. A hook that is installed and never fires is the field's
 *  quietest failure: everything looks well, and nothing is ever confirmed. */
export function whyHookless(facts: HookFacts): string {
  const { runtime, process, isHeard, enteredAtUnixMs, nowUnixMs } = facts;
  if (isHeard) return "";
  const fix = `what it does can't be told and messages can't be confirmed; mosaic agent install-hooks ${runtime}, then restart it`;
  if (enteredAtUnixMs !== undefined && nowUnixMs - enteredAtUnixMs >= PROMPT_MS)
    return `a message was entered and no hook of its process was heard: ${fix}`;
  if (facts.announcesStart && nowUnixMs - process.sinceUnixMs >= START_MS)
    return `no hook of its process was heard since that started: ${fix}`;
  return "";
}
