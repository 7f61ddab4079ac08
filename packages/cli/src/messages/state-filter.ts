import { MosaicError, nearNames } from "@mosaic/core/light";
import type { DeliveryStateJson } from "@mosaic/wire";
import type { SentReceipt } from "../commands/agent/sent-receipt.ts";

/** Which states are meant, and whether only what is held. */
export interface StateFilter {
  /** Empty: every state. */
  readonly states: readonly DeliveryStateJson[];
  readonly isHeldOnly: boolean;
}

/** Words of `--state`: the states, `open` for everything that is not at its end, and `held` for what something holds back. */
const STATE_WORDS: readonly string[] = [
  ...["open", "held", "queued", "delivered", "typed", "entered", "unconfirmed", "accepted", "answered", "failed", "expired"],
];

/** Understands the values of `--state`.
 *  @throws MosaicError USAGE with near words */
export function stateFilter(words: readonly string[]): StateFilter {
  const unknown = words.find((word) => !STATE_WORDS.includes(word.toLowerCase()));
  if (unknown !== undefined) {
    const near = nearNames(unknown.toLowerCase(), STATE_WORDS);
    const hint = near.length > 0 ? `did you mean ${near.join(", ")}?` : `choose from ${STATE_WORDS.join(", ")}`;
    throw new MosaicError("USAGE", `--state: not a state of messages: ${JSON.stringify(unknown.slice(0, 80))}`, { hint });
  }
  const wanted = new Set(words.map((word) => word.toLowerCase()));
  const isHeldOnly = wanted.size === 1 && wanted.has("held");
  const names = [...wanted].flatMap((word) => (word === "open" ? OPEN : word === "held" ? HELD : [word]));
  return { states: [...new Set(names)].map(stateName), isHeldOnly };
}

/** True for a receipt that the filter lets through, as far as the server was not asked for it. */
export function passes(filter: StateFilter, receipt: Pick<SentReceipt, "held">): boolean {
  return !filter.isHeldOnly || receipt.held !== "";
}

function stateName(word: string): DeliveryStateJson {
  return `DELIVERY_STATE_${word.toUpperCase()}` as DeliveryStateJson;
}

const OPEN = ["queued", "delivered", "typed", "entered", "unconfirmed", "accepted"];
/** What is typed is held no more. */
const HELD = ["queued", "delivered"];
