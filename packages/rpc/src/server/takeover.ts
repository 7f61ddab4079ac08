import { MosaicError } from "@mosaic/core";
import type { AttachOpen, AttachTerminalRequest } from "@mosaic/wire";
import { untilAborted } from "../until-aborted.ts";

/** Somebody who takes a terminal over: what was asked, and the keys that follow. */
export interface Takeover {
  readonly open: AttachOpen;
  /** Keys in order. Ends when the caller detaches or goes away; what is not read stays with the caller.
   *  @throws MosaicError USAGE for anything but keys */
  readonly input: AsyncIterable<Uint8Array>;
}

/** How long the first message of a takeover may take, in ms. */
const OPEN_TIMEOUT_MS = 10_000;

/** Reads the `open` that a takeover starts with, and serves it. The requests are let go of when serving ends.
 *  @throws MosaicError USAGE when something else comes first, DEADLINE when nothing comes in time */
export async function* serveTakeover<T>(
  requests: AsyncIterable<AttachTerminalRequest>,
  signal: AbortSignal,
  serve: (takeover: Takeover) => AsyncIterable<T>,
  openTimeoutMs = OPEN_TIMEOUT_MS,
): AsyncGenerator<T> {
  const steps = untilAborted(requests, signal);
  try {
    const first = await inTime(steps.next(), openTimeoutMs);
    if (signal.aborted) return;
    if (first.done || first.value.step.case !== "open") {
      throw new MosaicError("USAGE", `AttachTerminal: the first message must be open, not ${nameOf(first.value)}`);
    }
    yield* serve({ open: first.value.step.value, input: keysOf(steps) });
  } finally {
    // A step that is still awaited ends with the call; nobody is interested in it any more.
    void steps.return(undefined).catch(() => {});
  }
}

async function* keysOf(steps: AsyncIterable<AttachTerminalRequest>): AsyncGenerator<Uint8Array> {
  for await (const request of steps) {
    if (request.step.case !== "input")
      throw new MosaicError("USAGE", `AttachTerminal: only input may follow open, not ${nameOf(request)}`);
    yield request.step.value.data;
  }
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new MosaicError("DEADLINE", `AttachTerminal: no open came within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function nameOf(request: AttachTerminalRequest | undefined): string {
  return request ? (request.step.case ?? "an empty one") : "the end";
}
