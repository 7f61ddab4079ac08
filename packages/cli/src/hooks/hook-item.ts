import type { FileStep } from "@mosaic/lifecycle";

/** What was found or done about one runtime's hooks, in `agent install-hooks --json`. */
export interface HookItem {
  readonly runtime: string;
  /** How its hooks reach it: named by the `launch-line` of each agent, through `files` of the user's, by the runtime `self`, or
   *  not at all (`none`). */
  readonly way: "launch-line" | "files" | "self" | "none";
  readonly outcome: HookOutcome;
  readonly files: readonly { readonly change: FileStep["kind"]; readonly path: string }[];
  /** Files of Mosaic's own that were looked at and are as they should be. */
  readonly checked: readonly string[];
  /** What this host's node hears of such agents. Null: not asked, or no node answers. */
  readonly heard: HooksHeard | null;
  /** For people; empty: nothing to add. */
  readonly detail: string;
  /** What to type next; empty: nothing. */
  readonly next: string;
}

export type HookOutcome = "in place" | "installed" | "removed" | "nothing to do" | "missing" | "refused";

/** How many agents of a runtime report by their own hook. */
export interface HooksHeard {
  readonly agents: number;
  /** Those whose last word came from their own hook, plugin or extension. */
  readonly by_hook: number;
  /** Names of those that were typed to and never heard. */
  readonly hookless: readonly string[];
}

/** True when somebody has to do something. */
export function isAmiss({ outcome, heard }: Pick<HookItem, "outcome" | "heard">): boolean {
  return outcome === "missing" || outcome === "refused" || (heard?.hookless.length ?? 0) > 0;
}
