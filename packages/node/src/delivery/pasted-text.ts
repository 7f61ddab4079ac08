import type { Clock, PaneCapture, TerminalServer } from "@mosaic/core";
import { type MannersOf, submitProfile, whyNotOn } from "./manners.ts";

export interface PastedTextDeps {
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  readonly mannersOf: MannersOf;
}

/** Where a text was pasted. */
export interface PastedInto {
  readonly agentName: string;
  readonly paneId: string;
  readonly runtime: string;
  /** Which of the runtime's composers was on the screen, where it has more than one. */
  readonly composer?: string | undefined;
}

/** What was seen of a text after it was pasted. */
export type Sight =
  /** It stood in the composer, as this. */
  | { readonly kind: "shown"; readonly as: string }
  /** The composer is there and shows nothing of it: evidence has to decide. */
  | { readonly kind: "unseen" }
  /** Its composer is gone, or something covers it: no place for an Enter. */
  | { readonly kind: "gone" }
  /** Nobody looked: the runtime needs no look, or its composer can't be read. */
  | { readonly kind: "blind" };

/** How long a pasted text may take to show in a composer that is there, in ms: opencode on a busy machine reads nothing for three
 *  seconds while it begins a conversation. */
const SHOWN_MS = 5000;
/** How long it is waited for a composer that is not, in ms. */
const COVERED_MS = 10_000;
/** Between two looks, in ms. */
export const LOOK_AGAIN_MS = 30;

/** A look ends by the deadline of the terminal's own calls. */
const uninterrupted = new AbortController().signal;

/** Sees what was pasted in the composer of its agent. */
export class PastedText {
  readonly #deps: PastedTextDeps;

  constructor(deps: PastedTextDeps) {
    this.#deps = deps;
  }

  /** Waits until a text that was just pasted shows, where the runtime needs that. A program that is slow to read would take paste
   *  and Enter for one, and lose the Enter (measured: opencode and claude).
   *  @throws MosaicError of the terminal */
  async shows(into: PastedInto): Promise<Sight> {
    const { clock, mannersOf } = this.#deps;
    const manners = mannersOf(into.runtime);
    if (!submitProfile(into.runtime, manners).awaitsDraft || !manners?.draftOn) return { kind: "blind" };
    const beganMs = clock.monotonicMs();
    let freeSinceMs: number | undefined;
    while (clock.monotonicMs() < beganMs + COVERED_MS) {
      const sight = this.#sightOn(into, await this.#capture(into));
      if (sight.kind === "shown" || (sight.kind === "gone" && sight.isSure)) return sight;
      freeSinceMs = sight.kind === "unseen" ? (freeSinceMs ?? clock.monotonicMs()) : undefined;
      if (freeSinceMs !== undefined && clock.monotonicMs() >= freeSinceMs + SHOWN_MS) return { kind: "unseen" };
      await clock.sleep(LOOK_AGAIN_MS, uninterrupted);
    }
    return { kind: freeSinceMs === undefined ? "gone" : "unseen" };
  }

  /** True while nothing has changed about what was seen of a text: its Enter goes where it was meant to.
   *  @throws MosaicError of the terminal */
  async isStill({ kind }: Sight, into: PastedInto): Promise<boolean> {
    if (kind === "blind") return true;
    const now = this.#sightOn(into, await this.#capture(into)).kind;
    return now === "shown" || now === kind;
  }

  #capture({ paneId }: PastedInto): Promise<PaneCapture> {
    return this.#deps.terminal.capture(paneId, {}, uninterrupted);
  }

  #sightOn({ runtime, composer }: PastedInto, screen: PaneCapture): Seen {
    const manners = this.#deps.mannersOf(runtime);
    const as = manners?.draftOn?.(screen.lines);
    if (as !== undefined) return { kind: "shown", as };
    if (whyNotOn(screen, manners, undefined) !== undefined) return { kind: "gone", isSure: false };
    const isAnother = composer !== undefined && manners?.composerOn?.(screen.lines) !== composer;
    return isAnother ? { kind: "gone", isSure: true } : { kind: "unseen" };
  }
}

type Seen = Extract<Sight, { kind: "shown" | "unseen" }> | { readonly kind: "gone"; readonly isSure: boolean };
