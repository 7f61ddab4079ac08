import { type AgentReport, hasReached, isFinal, type StoredMessage, withStep } from "@mosaic/core";
import { DeliveryState, Evidence as Kind, FailureReason, type Receipt } from "@mosaic/wire";
import type { Inbox } from "./inbox.ts";
import { promptHashes, typedText } from "./message-hashes.ts";
import { lastStep } from "./message-steps.ts";
import { TakenTurns } from "./taken-turns.ts";

/** A prompt that an agent took, as far as it can be compared. */
export interface TakenPrompt {
  readonly hashes: ReadonlySet<string>;
  readonly turnId: string;
  readonly evidence: Kind;
}

/** What an agent's own report says of prompts and turns. */
export interface EvidenceReport extends Pick<AgentReport, "endedTurnIds" | "brokenTurns"> {
  readonly accepted: readonly TakenPrompt[];
  /** When it was made, in ms of this host's wall clock. */
  readonly atUnixMs: number;
  readonly evidence: Kind;
}

/** Two clocks of one host may differ by this much: a report is of a message only when it was made after that was typed. */
const TOLERANCE_MS = 2000;

/** Moves messages by what their agents say: ACCEPTED by the very text, ANSWERED or FAILED by the end of the turn that took it. */
export class Evidence {
  readonly #inbox: Inbox;
  readonly #taken: TakenTurns;
  /** Of messages that are awaited, by id: working them out again for each report would cost more than all else. */
  readonly #hashes = new Map<string, { readonly textSha256: string; readonly hashes: ReadonlySet<string> }>();

  constructor(inbox: Inbox) {
    this.#inbox = inbox;
    this.#taken = new TakenTurns(inbox.store.all());
  }

  /** Resolves when all that the report means is durable. Taking it again changes nothing more.
   *  @throws MosaicError STORE_UNAVAILABLE: then the report must be kept and taken again */
  async take(agentName: string, report: EvidenceReport): Promise<void> {
    for (const prompt of report.accepted) await this.#accept(agentName, prompt, report.atUnixMs);
    for (const turnId of report.endedTurnIds ?? []) await this.#endTurn(agentName, turnId, (receipt) => answered(report, receipt, turnId));
    for (const { turnId, isInterrupted, detail } of report.brokenTurns ?? []) {
      const reason = isInterrupted ? FailureReason.INTERRUPTED : FailureReason.TURN_FAILED;
      await this.#endTurn(agentName, turnId, (receipt) =>
        lastStep(DeliveryState.FAILED, { ...factsOf(report, receipt), reason, detail }),
      );
    }
  }

  async #accept(agentName: string, prompt: TakenPrompt, atUnixMs: number): Promise<void> {
    const { open, inHand } = this.#inbox;
    const awaited = [...open.awaited(agentName)].filter(({ messageId }) => !inHand.has(messageId));
    const same = awaited.filter((message) => this.#isOf(message, prompt));
    const [first] = same;
    // The agent said so before, and was not sure that it was heard.
    if (first === undefined || this.#taken.has(agentName, prompt.turnId, first.receipt.textSha256)) return;
    // One of which nothing was heard is meant before one whose turn is not known.
    const isNews = ({ receipt }: StoredMessage) => !hasReached(receipt.state, DeliveryState.ACCEPTED);
    for (const { messageId } of [...same.filter(isNews), ...same.filter((message) => !isNews(message))]) {
      let wasNews = false;
      const message = await this.#inbox.change(messageId, (now) => {
        const receipt = accepted(now, prompt, atUnixMs);
        wasNews = receipt !== undefined;
        return receipt && { receipt };
      });
      if (wasNews && message) return this.#taken.add(agentName, prompt.turnId, message.receipt.textSha256);
    }
  }

  async #endTurn(agentName: string, turnId: string, end: (receipt: Receipt) => ReturnType<typeof lastStep>): Promise<void> {
    // Without the turn's id nothing can tell whose end it is.
    if (turnId === "") return;
    const isIts = ({ receipt }: StoredMessage) => receipt.turnId === turnId && receipt.state === DeliveryState.ACCEPTED;
    for (const { messageId } of [...this.#inbox.open.awaited(agentName)].filter(isIts)) {
      this.#hashes.delete(messageId);
      await this.#inbox.change(messageId, (now) => (isIts(now) ? end(now.receipt)(now) : undefined));
    }
  }

  #isOf(message: StoredMessage, { hashes }: TakenPrompt): boolean {
    const { messageId, receipt } = message;
    const before = this.#hashes.get(messageId);
    const isKnown = before?.textSha256 === receipt.textSha256;
    const known = isKnown ? before : { textSha256: receipt.textSha256, hashes: promptHashes(typedText(message)) };
    if (!isKnown) this.#hashes.set(messageId, known);
    if (this.#hashes.size > MAX_HASHES) this.#hashes.delete(this.#hashes.keys().next().value ?? "");
    return [...hashes].some((hash) => known.hashes.has(hash));
  }
}

const MAX_HASHES = 10_000;

// Absent: this message is none that the report could be news of.
function accepted(message: StoredMessage, { turnId, evidence }: TakenPrompt, atUnixMs: number): Receipt | undefined {
  const { receipt } = message;
  if (isFinal(receipt.state) || atUnixMs < typedAtUnixMs(message) - TOLERANCE_MS) return undefined;
  if (hasReached(receipt.state, DeliveryState.ACCEPTED))
    return receipt.turnId === "" && turnId !== "" ? { ...receipt, turnId } : undefined;
  const at = { atUnixMs: notBefore(receipt, atUnixMs) };
  // Taken means entered, also where a crash left no time to say so.
  const entered = withStep(withStep(receipt, DeliveryState.TYPED, at), DeliveryState.ENTERED, at);
  return withStep(entered, DeliveryState.ACCEPTED, { ...at, evidence, turnId });
}

function typedAtUnixMs({ receipt, injecting }: StoredMessage): number {
  const typed = receipt.steps.findLast(({ state }) => state === DeliveryState.TYPED);
  return injecting?.startedAtUnixMs ?? Number(typed?.atUnixMs ?? 0n);
}

function answered(report: EvidenceReport, receipt: Receipt, turnId: string) {
  return lastStep(DeliveryState.ANSWERED, { ...factsOf(report, receipt), turnId });
}

function factsOf({ atUnixMs, evidence }: EvidenceReport, receipt: Receipt) {
  return { atUnixMs: notBefore(receipt, atUnixMs), evidence };
}

// An agent may speak before the key press has returned; steps of one clock never go back.
function notBefore(receipt: Receipt, atUnixMs: number): number {
  return Math.max(atUnixMs, Number(receipt.steps.at(-1)?.atUnixMs ?? 0n));
}
