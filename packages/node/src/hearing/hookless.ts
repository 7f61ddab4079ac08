import type { PaneProcess } from "./process-roll.ts";

/** What it takes to tell whether an agent's hooks speak. Times are in ms of the host's wall clock. */
export interface HookFacts {
  readonly runtime: string;
  /** False: its first event comes with its first prompt only. */
  readonly announcesStart: boolean;
  readonly process: PaneProcess;
  /** When something was last heard of this process; undefined: nothing was. */
  readonly heardAtUnixMs: number | undefined;
  /** True while it is in a turn by its own word: then one long tool may keep it silent. */
  readonly isInTurn: boolean;
  /** When a message was last entered into this process; undefined: none was. */
  readonly enteredAtUnixMs: number | undefined;
  /** For how long in all its terminal has shown one thing after the other since it was last heard, in ms. */
  readonly shownMs: number;
  readonly nowUnixMs: number;
}

/** After its start, or after a prompt, a hook that fires was heard by then, in ms; the slowest measured start takes 11 s. */
export const START_MS = 60_000;
const PROMPT_MS = 10_000;
/** Hooks that did speak are believed for longer, in ms: a message may have been lost on its way to them. */
const LATER_PROMPT_MS = 600_000;
/** An event may bear a time a little before that of the key that led to it, in ms. */
const TOLERANCE_MS = 5000;
/** The daily proof: so long a silence counts, in ms, when the terminal showed so much work meanwhile, in ms. An agent that nobody
 *  asks anything is silent, too, and shows nothing; a draft is written in less. */
const SILENT_MS = 86_400_000;
const WORK_MS = 60_000;

/** Why an agent's hooks count as dead, for people; empty: they don't. A hook that is installed and never fires is the field's
 *  quietest failure: everything looks well, and nothing is ever confirmed. */
export function whyHookless(facts: HookFacts): string {
  const why = facts.heardAtUnixMs === undefined ? whyNeverHeard(facts) : whyNoMore(facts, facts.heardAtUnixMs);
  if (why === "") return "";
  return `${why}: what it does can't be told and messages can't be confirmed; mosaic agent install-hooks ${facts.runtime}, then restart it`;
}

function whyNeverHeard({ announcesStart, process, enteredAtUnixMs, nowUnixMs }: HookFacts): string {
  if (enteredAtUnixMs !== undefined && nowUnixMs - enteredAtUnixMs >= PROMPT_MS)
    return "a message was entered and no hook of its process was heard";
  if (announcesStart && nowUnixMs - process.sinceUnixMs >= START_MS) return "no hook of its process was heard since that started";
  return "";
}

function whyNoMore({ isInTurn, enteredAtUnixMs = 0, shownMs, nowUnixMs }: HookFacts, heardAtUnixMs: number): string {
  const isUnheard = enteredAtUnixMs > heardAtUnixMs + TOLERANCE_MS && nowUnixMs - enteredAtUnixMs >= LATER_PROMPT_MS;
  if (isUnheard && !isInTurn) return "a message was entered and no hook of its process was heard since";
  if (nowUnixMs - heardAtUnixMs >= SILENT_MS && shownMs >= WORK_MS)
    return "its terminal showed that it works and no hook of its process was heard for a day";
  return "";
}
