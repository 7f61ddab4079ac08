import { MosaicError } from "@mosaic/core/light";
import type { Place } from "../../remote/endpoints.ts";

/** Does what only a daemon can do, and says how to start one where none answers.
 *  @param what names the command, for example `agent attach` */
export async function needingNode<T>(what: string, places: readonly Place[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const isWithout = thrown instanceof MosaicError && thrown.code === "NOT_SERVED" && places.some(({ via }) => via === "node");
    if (!isWithout) throw thrown;
    const message = `${what} goes through this host's node, which keeps the record of it: ${thrown.message}`;
    throw new MosaicError("NOT_SERVED", message, { hint: HOW_TO_START, cause: thrown });
  }
}

// To start the fleet starts its agents, and no node where systemd keeps none.
const HOW_TO_START = "mosaic gateway start; on a host without systemd, in a terminal of its own: mosaic-node";
