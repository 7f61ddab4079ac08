import { hasReached, isFinal, type StoredMessage } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";

/** A sender may ask again about, or send again, what expired less long ago than this. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;
/** After so long nobody reports any more on what was submitted: an agent without hooks never does, and an interrupted turn
 *  has no end. Without this bound such messages would stay for ever. */
const UNHEARD_OF_MS = 8 * REMEMBERED_MS;

/** True when a message may be forgotten: at its end, or submitted long ago with no word since, and long expired. */
export function isForgettable(message: Pick<StoredMessage, "receipt" | "expiresAtUnixMs">, nowUnixMs: number): boolean {
  const { state } = message.receipt;
  const expiredForMs = nowUnixMs - message.expiresAtUnixMs;
  if (isFinal(state)) return expiredForMs > REMEMBERED_MS;
  return hasReached(state, DeliveryState.ENTERED) && expiredForMs > UNHEARD_OF_MS;
}
