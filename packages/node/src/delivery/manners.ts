import type { PaneCapture } from "@mosaic/core";
import { DEFAULT_SUBMIT, type RuntimeAdapter, type SubmitProfile } from "@mosaic/runtimes";

/** What the node asks of a runtime's adapter. */
export type RuntimeManners = Pick<
  RuntimeAdapter,
  | "submit"
  | "draftOn"
  | "composerOn"
  | "clearsDraft"
  | "blockedBy"
  | "hear"
  | "announcesStart"
  | "hookHidesDialog"
  | "hearTranscript"
  | "stateFile"
  | "hearState"
>;

/** Finds the adapter of a runtime; undefined: there is none of that name. */
export type MannersOf = (runtime: string) => RuntimeManners | undefined;

/** A program of our own needs no guard against paste bursts. */
const STUB_SUBMIT: SubmitProfile = { settleMs: 20, whileBusy: "type" };

/** How a text is submitted to a runtime. */
export function submitProfile(runtime: string, manners: RuntimeManners | undefined): SubmitProfile {
  return manners?.submit ?? (runtime === "stub" ? STUB_SUBMIT : DEFAULT_SUBMIT);
}

/** Why what a pane shows lets nothing be typed, whatever stands in its composer; undefined: it speaks against nothing.
 *  @param sincePromptMs how long ago the agent took its last prompt; undefined: not known */
export function whyNotOn(
  screen: PaneCapture,
  manners: RuntimeManners | undefined,
  sincePromptMs: number | undefined,
): string | undefined {
  if (screen.lines.every((line) => line.trim() === "")) return "its screen is blank";
  return manners?.blockedBy?.(screen, sincePromptMs);
}
