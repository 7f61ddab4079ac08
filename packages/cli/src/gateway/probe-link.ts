import type { X509Certificate } from "node:crypto";
import { connect } from "node:net";
import { MosaicError } from "@mosaic/core";
import { lookAtCertificate } from "@mosaic/rpc";
import { callUnary, type Endpoint, formatEndpoint } from "@mosaic/rpc/plain-unary";
import type { CommandDeps } from "../command.ts";
import { readOwnIdentity } from "../local/own-identity.ts";

/** One endpoint, step by step, as a probe asks it. Each step makes a connection of its own. */
export interface ProbeLink {
  /** Connects and hangs up. @returns the certificate of who answers, where there is TLS */
  connect(): Promise<X509Certificate | undefined>;
  /** Asks grpc.health.v1. @returns its word, for example `SERVING` */
  health(): Promise<string>;
  unary<Res extends object>(method: string, request: object): Promise<Res>;
  /** Opens a Watch and reads it to the end of its first snapshot. @returns how many frames that were */
  watchSnapshot(): Promise<number>;
}

/** Reaches an endpoint over the network, or a Unix socket, in the caller's own name.
 *  @param timeoutMs for each step */
export function probeLink(
  endpoint: Endpoint,
  { remote, traceparent }: CommandDeps,
  options: { readonly mosaicHome: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): ProbeLink {
  const { mosaicHome, timeoutMs, signal } = options;
  const tls = async () => (endpoint.kind === "tls" ? { identity: await readOwnIdentity(mosaicHome) } : undefined);
  return {
    async connect() {
      const own = await tls();
      if (endpoint.kind === "tls" && own) return await lookAtCertificate(endpoint, own, timeoutMs);
      await connectPlain(endpoint, timeoutMs);
      return undefined;
    },
    async health() {
      const service = "grpc.health.v1.Health";
      const call = { timeoutMs, signal, traceparent, tls: await tls(), service };
      const { status } = await callUnary<object, { status?: string }>(endpoint, "Check", {}, call);
      return status ?? "UNKNOWN";
    },
    unary: (method, request) => remote.unary(endpoint, method, request, timeoutMs),
    async watchSnapshot() {
      const stop = new AbortController();
      const late = new MosaicError("DEADLINE", `no snapshot from ${formatEndpoint(endpoint)} within ${timeoutMs} ms`);
      const timer = setTimeout(() => stop.abort(late), timeoutMs);
      await using connection = await remote.streams(endpoint);
      let frames = 0;
      try {
        for await (const { frame } of connection.client.watch({}, { signal: AbortSignal.any([signal, stop.signal]) })) {
          frames += 1;
          if (frame.case === "snapshotEnd") return frames;
        }
      } catch (thrown) {
        if (stop.signal.aborted) throw late;
        const { fromConnectError } = await import("../remote/streams.ts");
        throw thrown instanceof MosaicError ? thrown : fromConnectError(thrown, "Watch");
      } finally {
        clearTimeout(timer);
        // Leaving the loop does not end the call.
        stop.abort();
      }
      throw new MosaicError("HOST_UNREACHABLE", `the Watch ended after ${frames} frames, before its snapshot was whole`);
    },
  };
}

function connectPlain(endpoint: Endpoint, timeoutMs: number): Promise<void> {
  if (endpoint.kind === "tls") return Promise.reject(new Error("TLS is looked at with its certificate"));
  return new Promise((resolve, reject) => {
    const where = formatEndpoint(endpoint);
    const socket = connect(endpoint.kind === "unix" ? { path: endpoint.path } : { host: endpoint.hostname, port: endpoint.port });
    const settle = (error?: MosaicError) => {
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    socket.setTimeout(timeoutMs, () => settle(new MosaicError("DEADLINE", `no connection to ${where} within ${timeoutMs} ms`)));
    socket.once("connect", () => settle());
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const isForbidden = error.code === "EACCES" || error.code === "EPERM";
      const message = `${isForbidden ? "may not open" : "no daemon answers at"} ${where} (${error.code ?? error.message})`;
      settle(new MosaicError(isForbidden ? "NOT_ALLOWED" : "NOT_SERVED", message, { cause: error }));
    });
  });
}
