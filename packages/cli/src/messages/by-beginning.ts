import { MosaicError } from "@mosaic/core/light";
import type { CommandDeps } from "../command.ts";
import type { Place } from "../remote/endpoints.ts";
import { findMessage } from "./find-message.ts";

/** Does something to a message by its id, or by a beginning of it that no other message has.
 *  @throws MosaicError as `act`, and as `findMessage` for an id that nobody knows */
export async function byBeginning<T>(
  id: string,
  act: (id: string) => Promise<T>,
  { places, timeoutMs }: { readonly places: readonly Place[]; readonly timeoutMs: number },
  deps: CommandDeps,
): Promise<T> {
  try {
    return await act(id);
  } catch (thrown) {
    if (MosaicError.from(thrown).code !== "MESSAGE_NOT_FOUND") throw thrown;
    const { message } = await findMessage(places, id, { withText: false, timeoutMs }, deps).catch((other: unknown) => {
      // Who may not or can't look for others is told what the first answer was.
      throw KNOWN_BETTER.has(MosaicError.from(other).code) ? other : thrown;
    });
    const whole = message.receipt?.messageId ?? "";
    // By its whole id it was not to be had either: the first answer says why.
    if (whole === "" || whole === id) throw thrown;
    return await act(whole);
  }
}

/** Nobody knows one that begins so, with what is near; or several do. */
const KNOWN_BETTER: ReadonlySet<MosaicError["code"]> = new Set(["MESSAGE_NOT_FOUND", "USAGE"]);
