import { create } from "@bufbuild/protobuf";
import { signCall } from "@mosaic/client";
import { connectFleet, type FleetConnection } from "@mosaic/rpc";
import { callUnary, type Endpoint } from "@mosaic/rpc/plain-unary";
import { ReadLogRequestSchema } from "@mosaic/wire";
import { keptFresh } from "../local/keep-fresh.ts";
import { type OwnIdentity, readOwnIdentity } from "../local/own-identity.ts";
import type { Remote, RemoteContext } from "./remote.ts";

/** Calls daemons with TLS, in the caller's own name. What changes something is signed, so that an aggregator can hand it on and not
 *  make it up. */
export function identifiedRemote({ signal, tracer, traceparent, mosaicHome, clientKind = "cli" }: RemoteContext): Remote {
  let reading: Promise<OwnIdentity> | undefined;
  const own = () => {
    reading ??= readOwnIdentity(mosaicHome);
    return reading;
  };
  const plain = async <Res extends object>(
    endpoint: Endpoint,
    method: string,
    request: object,
    timeoutMs: number,
    token?: string,
  ) =>
    await callUnary<object, Res>(endpoint, method, request, {
      timeoutMs,
      signal,
      traceparent,
      token,
      clientKind,
      tls: { identity: await own() },
    });
  return {
    async unary(endpoint, method, request, timeoutMs) {
      const ask = <Res extends object>(asked: string, question: object) => plain<Res>(endpoint, asked, question, timeoutMs);
      const call = await signCall(await own(), method, request, ask);
      return await plain(endpoint, method, call.request, timeoutMs, call.token);
    },
    async streams(endpoint) {
      // Streams are followed for days: when a certificate ends with one, the next is opened with another.
      const fresh = keptFresh(mosaicHome, await own());
      const { identity } = fresh;
      const connection = connectFleet(endpoint, { tracer, traceparent, clientKind, tls: { identity } });
      const ask = async <Res extends object>(method: string, question: object) => {
        reading = Promise.resolve(identity);
        return await plain<Res>(endpoint, method, question, ASK_MS);
      };
      const { client } = signingStreams(connection, identity, ask);
      return {
        client,
        async [Symbol.asyncDispose]() {
          await fresh[Symbol.asyncDispose]();
          await connection[Symbol.asyncDispose]();
        },
      };
    },
  };
}

/** How long it may take to learn an agent's complete address, in ms. */
const ASK_MS = 10_000;

/** A connection on which what shows an agent's terminal or a daemon's log is signed. */
function signingStreams(
  connection: FleetConnection,
  identity: OwnIdentity,
  ask: Parameters<typeof signCall>[3],
): FleetConnection {
  const { client } = connection;
  const signed = async <Req extends object>(method: string, request: Req, options: CallOptions = {}) => {
    const call = await signCall(identity, method, request, ask);
    const headers = call.token === undefined ? {} : { "mosaic-capability": call.token };
    return {
      request: call.request,
      options: { ...options, headers: { ...Object.fromEntries(new Headers(options.headers)), ...headers } },
    };
  };
  return {
    client: {
      ...client,
      async *tail(asked, given) {
        const { request, options } = await signed("Tail", asked, given);
        yield* client.tail(request, options);
      },
      async *watchTerminal(asked, given) {
        const { request, options } = await signed("WatchTerminal", asked, given);
        yield* client.watchTerminal(request, options);
      },
      async *readLog(asked, given) {
        // Where somebody stands in a log is not signed, nor has it a JSON form as it is here.
        const { tenantId, host, aggregatorId, lines, minLevel, follow, after } = create(ReadLogRequestSchema, asked);
        const { request, options } = await signed("ReadLog", { tenantId, host, aggregatorId, lines, minLevel, follow }, given);
        yield* client.readLog({ ...request, ...(after ? { after } : {}) }, options);
      },
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

type CallOptions = NonNullable<Parameters<FleetConnection["client"]["tail"]>[1]>;
