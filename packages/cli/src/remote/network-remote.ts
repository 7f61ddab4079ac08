import { callUnary } from "@mosaic/rpc/plain-unary";
import type { Remote, RemoteContext } from "./remote.ts";

/** Calls over the network (or a Unix socket). */
export function networkRemote(context: RemoteContext): Remote {
  const { signal, tracer, traceparent, clientKind = "cli" } = context;
  let identified: Promise<Remote> | undefined;
  const withTls = () => {
    identified ??= import("./identified-remote.ts").then(({ identifiedRemote }) => identifiedRemote(context));
    return identified;
  };
  return {
    async unary(endpoint, method, request, timeoutMs) {
      if (endpoint.kind === "tls") return await (await withTls()).unary(endpoint, method, request, timeoutMs);
      return await callUnary(endpoint, method, request, { timeoutMs, signal, traceparent, clientKind });
    },
    async streams(endpoint) {
      if (endpoint.kind === "tls") return await (await withTls()).streams(endpoint);
      const { connectFleet } = await import("./streams.ts");
      return connectFleet(endpoint, { tracer, traceparent, clientKind });
    },
  };
}
