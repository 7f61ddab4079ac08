import type { Interceptor } from "@connectrpc/connect";
import { FleetService } from "@mosaic/wire";
import { fromConnectError } from "../error-mapping.ts";
import { mapMessages } from "../map-messages.ts";
import type { Metrics } from "./metrics.ts";

/** Counts calls of FleetService: how many, how they ended, how long they took, how many go on. Outermost, so that it sees what
 *  the caller sees. */
export function rpcMetricsInterceptor(metrics: Metrics): Interceptor {
  const inFlight = new Map<string, number>();
  // A value that is first seen as 1 has not risen, to a collector; the first fault of ours must be seen.
  for (const { name } of FleetService.methods) metrics.count("mosaic_rpc_handled_total", { method: name, code: "INTERNAL" }, 0);
  metrics.read("mosaic_rpc_in_flight", () => Array.from(inFlight, ([method, value]) => ({ labels: { method }, value })));
  const startCall = (method: string) => {
    const startedMs = performance.now();
    inFlight.set(method, (inFlight.get(method) ?? 0) + 1);
    let isOver = false;
    return (thrown: unknown, isStream: boolean) => {
      if (isOver) return;
      isOver = true;
      const code = thrown === undefined ? "OK" : fromConnectError(thrown, method).code;
      inFlight.set(method, (inFlight.get(method) ?? 1) - 1);
      metrics.count("mosaic_rpc_handled_total", { method, code });
      if (!isStream) metrics.observe("mosaic_rpc_duration_seconds", { method }, (performance.now() - startedMs) / 1000);
    };
  };
  return (next) => async (request) => {
    const method = request.method.name;
    if (request.service.typeName !== FleetService.typeName) return await next(request);
    const over = startCall(method);
    // A handler may outlive its caller; the call does not.
    request.signal.addEventListener("abort", () => over(request.signal.reason, request.stream), { once: true });
    try {
      const response = await next(request);
      if (!response.stream) {
        over(undefined, false);
        return response;
      }
      return { ...response, message: mapMessages(response.message, { onEnd: (thrown) => over(thrown, true) }) };
    } catch (thrown) {
      over(thrown, request.stream);
      throw thrown;
    }
  };
}
