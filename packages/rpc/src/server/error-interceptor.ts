import type { Interceptor } from "@connectrpc/connect";
import type { Log } from "@mosaic/core";
import { MosaicError } from "@mosaic/core";
import { toConnectError } from "../error-mapping.ts";
import { mapMessages } from "../map-messages.ts";

/** Maps everything a handler throws, at once or in the middle of a stream, and logs what is our own fault. */
export function errorInterceptor(log: Log): Interceptor {
  const mapped = (thrown: unknown, method: string) => {
    const error = toConnectError(thrown);
    const isOurFault = !(thrown instanceof MosaicError) && error.cause instanceof MosaicError && error.cause.code === "INTERNAL";
    if (isOurFault) log.error({ method, error: thrown instanceof Error ? thrown.stack : String(thrown) }, "handler failed");
    return error;
  };
  return (next) => async (request) => {
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return {
        ...response,
        message: mapMessages(response.message, { onError: (thrown) => mapped(thrown, request.method.name) }),
      };
    } catch (thrown) {
      throw mapped(thrown, request.method.name);
    }
  };
}
