import type { Interceptor, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import type { Log } from "@mosaic/core";
import { MosaicError } from "@mosaic/core";
import { fromConnectError, toConnectError } from "../error-mapping.ts";
import { mapMessages } from "../map-messages.ts";
import { callFields } from "./call-fields.ts";

/** Maps everything a handler throws, at once or in the middle of a stream, and logs what is our own fault. At the level
 *  `debug` every call has a line when it is over: its rpc, how it ended and how long it took; never what was asked or
 *  answered. */
export function errorInterceptor(log: Log): Interceptor {
  return (next) => async (request) => {
    const over = log.isLevelEnabled?.("debug") === false ? undefined : callLine(log, request);
    const failed = (thrown: unknown) => {
      const error = toConnectError(thrown);
      const isOurFault =
        !(thrown instanceof MosaicError) && error.cause instanceof MosaicError && error.cause.code === "INTERNAL";
      if (isOurFault) log.error({ ...callFields(request), error: whatFailed(thrown) }, "handler failed");
      return error;
    };
    try {
      const response = await next(request);
      if (!response.stream) {
        over?.(undefined);
        return response;
      }
      return { ...response, message: mapMessages(response.message, { onError: failed, ...(over ? { onEnd: over } : {}) }) };
    } catch (thrown) {
      const error = failed(thrown);
      over?.(error);
      throw error;
    }
  };
}

/** What writes the line of a call that begins now, once it is over: with what it failed with, if it did. */
function callLine(log: Log, request: UnaryRequest | StreamRequest): (thrown: unknown) => void {
  const startedMs = performance.now();
  return (thrown) => {
    const code = thrown === undefined ? "OK" : fromConnectError(thrown, request.method.name).code;
    log.debug({ ...callFields(request), code, ms: sinceMs(startedMs) }, "call is over");
  };
}

function whatFailed(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

function sinceMs(startedMs: number): number {
  return Math.round((performance.now() - startedMs) * 10) / 10;
}
