import type { AgentReport, StoredMessage } from "@mosaic/core";
import { DeliveryState, FailureReason, type Evidence as Kind } from "@mosaic/wire";
import { meantFirst, notBefore, type TakenPrompt, typedAtUnixMs, withAcceptance } from "./acceptance.ts";
import type { Inbox, MakeChange } from "./inbox.ts";
import { KnownPrompts } from "./known-prompts.ts";
import { lastStep } from "./message-steps.ts";
import { TakenTurns } from "./taken-turns.ts";
import { type TurnEnd, TurnEnds } from "./turn-ends.ts";

/** What an agent's own report says of prompts and turns. */
export interface EvidenceReport extends Pick<AgentReport, "endedTurnIds" | "brokenTurns" | "sessionId" | "traceparent"> {
  readonly accepted: readonly TakenPrompt[];
  /** When it was made, in ms of this host's wall clock. */
  readonly atUnixMs: number;
  readonly evidence: Kind;
}

/** Moves messages by what their agents say: ACCEPTED by the very text, ANSWERED or FAILED by the end of the turn that took it. */
export class Evidence {
  readonly #inbox: Inbox;
  readonly #taken: TakenTurns;
  readonly #ends = new TurnEnds();
  readonly #prompts = new KnownPrompts();

  constructor(inbox: Inbox) {
    this.#inbox = inbox;
    this.#taken = new TakenTurns(inbox.store.all());
  }

  /** Resolves when all that the report means is durable. Taking it again changes nothing more.
   *  @throws MosaicError STORE_UNAVAILABLE: then the report must be kept and taken again */
  async take(agentName: string, { accepted, endedTurnIds = [], brokenTurns = [], ...origin }: EvidenceReport): Promise<void> {
    for (const prompt of accepted) await this.#accept(agentName, prompt, origin.atUnixMs);
    for (const turnId of endedTurnIds) await this.#endTurn(agentName, turnId, origin);
    for (const { turnId, ...broken } of brokenTurns) await this.#endTurn(agentName, turnId, { ...origin, broken });
  }

  async #accept(agentName: string, prompt: TakenPrompt, atUnixMs: number): Promise<void> {
    const { open, inHand } = this.#inbox;
    const awaited = [...open.awaited(agentName)].filter(({ messageId }) => !inHand.has(messageId));
    const same = awaited.filter((message) => this.#prompts.isOf(message, prompt.hashes));
    const [first] = same;
    // The agent said so before, and was not sure that it was heard.
    if (first === undefined || this.#taken.has(agentName, prompt.turnId, first.receipt.textSha256)) return;
    for (const { messageId } of meantFirst(same, prompt)) {
      const message = await this.#acceptOne(messageId, prompt, atUnixMs);
      if (message === undefined) continue;
      this.#taken.add(agentName, prompt.turnId, message.receipt.textSha256);
      return await this.#endLate(agentName, message);
    }
  }

  /** @returns undefined: it was no news of this message */
  async #acceptOne(messageId: string, prompt: TakenPrompt, atUnixMs: number): Promise<StoredMessage | undefined> {
    let wasNews = false;
    const message = await this.#inbox.change(messageId, (now) => {
      const receipt = withAcceptance(now, prompt, atUnixMs);
      wasNews = receipt !== undefined;
      return receipt && { receipt };
    });
    return wasNews ? message : undefined;
  }

  // The conversation file lags behind the hooks: a turn may have been told to have ended before what it took.
  async #endLate(agentName: string, message: StoredMessage): Promise<void> {
    const end = this.#ends.of(agentName, message.receipt.turnId);
    if (end && end.atUnixMs > typedAtUnixMs(message))
      await this.#inbox.change(message.messageId, ended(message.receipt.turnId, end));
  }

  async #endTurn(agentName: string, turnId: string, end: TurnEnd): Promise<void> {
    // Without the turn's id nothing can tell whose end it is.
    if (turnId === "") return;
    this.#ends.add(agentName, turnId, end);
    for (const { messageId, receipt } of this.#inbox.open.awaited(agentName))
      if (receipt.turnId === turnId) await this.#inbox.change(messageId, ended(turnId, end));
  }
}

function ended(turnId: string, { atUnixMs, evidence, broken }: TurnEnd): MakeChange {
  return (message) => {
    const { receipt } = message;
    if (receipt.turnId !== turnId || receipt.state !== DeliveryState.ACCEPTED) return undefined;
    const facts = { atUnixMs: notBefore(receipt, atUnixMs), evidence };
    if (!broken) return lastStep(DeliveryState.ANSWERED, facts)(message);
    const reason = broken.isInterrupted ? FailureReason.INTERRUPTED : FailureReason.TURN_FAILED;
    return lastStep(DeliveryState.FAILED, { ...facts, reason, detail: broken.detail })(message);
  };
}
