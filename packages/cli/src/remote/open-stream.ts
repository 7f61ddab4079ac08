import { MosaicError } from "@mosaic/core/light";
import type { FleetClient } from "@mosaic/rpc";
import { formatEndpoint } from "@mosaic/rpc/plain-unary";
import type { CommandDeps } from "../command.ts";
import { askFirst, type Place } from "./endpoints.ts";

/** A stream being read; ended by leaving `work`, whatever the reason. */
export interface StreamWork<T> {
  /** What the call is called in errors, for example `Tail`. */
  readonly name: string;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  readonly work: (client: FleetClient, signal: AbortSignal, place: Place) => Promise<T>;
}

/** Finds the first place that answers, and reads a stream there. The call is always cancelled at the end: leaving a
 *  `for await` does not do that by itself.
 *  @throws MosaicError NOT_SERVED when nothing answers, or what the call failed with; CANCELLED when the signal aborted */
export async function withStream<T>(
  places: readonly Place[],
  deps: CommandDeps,
  timeoutMs: number,
  stream: StreamWork<T>,
): Promise<T> {
  const place = await firstThatAnswers(places, deps, timeoutMs);
  const stop = new AbortController();
  await using connection = await deps.remote.streams(place.endpoint);
  try {
    return await stream.work(connection.client, AbortSignal.any([stream.signal, stop.signal]), place);
  } catch (thrown) {
    throw await streamError(thrown, stream, place);
  } finally {
    stop.abort();
  }
}

/** The first place where a FleetService says who it is. */
async function firstThatAnswers(places: readonly Place[], deps: CommandDeps, timeoutMs: number): Promise<Place> {
  return await askFirst(places, async (place) => {
    await deps.remote.unary(place.endpoint, "Info", {}, timeoutMs);
    return place;
  });
}

/** Turns what a stream failed with into our own error. */
export async function streamError(
  thrown: unknown,
  stream: Pick<StreamWork<unknown>, "name" | "signal">,
  place: Place,
): Promise<MosaicError> {
  if (stream.signal.aborted && stream.signal.reason instanceof MosaicError) return stream.signal.reason;
  if (thrown instanceof MosaicError) return thrown;
  const { fromConnectError } = await import("./streams.ts");
  return fromConnectError(thrown, `${stream.name} at ${formatEndpoint(place.endpoint)}`);
}
