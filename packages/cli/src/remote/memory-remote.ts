import { MosaicError } from "@mosaic/core/light";
import { connectInMemory, type FleetHandlers } from "@mosaic/rpc";
import { type Endpoint, formatEndpoint } from "@mosaic/rpc/plain-unary";
import type { Remote } from "./remote.ts";

/** What answers at one endpoint, in a test. */
export interface MemoryServer {
  /** Unary methods by name, on the JSON forms of their messages. */
  readonly unary?: Readonly<Record<string, (request: never) => object | Promise<object>>>;
  /** Streams, on real messages. */
  readonly streams?: Partial<
    Pick<FleetHandlers, "watch" | "tail" | "watchTerminal" | "attachTerminal" | "watchReceipts" | "watchEvents" | "readLog">
  >;
}

/** A call that was made. */
export interface MemoryCall {
  readonly endpoint: string;
  readonly method: string;
  readonly request: object;
  readonly timeoutMs: number;
}

/** A mesh in memory for tests of commands: servers by endpoint, and a record of the calls. Elsewhere nothing answers. */
export function memoryRemote(
  servers: Readonly<Record<string, MemoryServer>>,
): Remote & { readonly calls: readonly MemoryCall[] } {
  const calls: MemoryCall[] = [];
  const at = (endpoint: Endpoint): MemoryServer => {
    const server = servers[formatEndpoint(endpoint)];
    if (!server) throw new MosaicError("NOT_SERVED", `no daemon answers at ${formatEndpoint(endpoint)} (ENOENT)`);
    return server;
  };
  return {
    calls,
    async unary<Res extends object>(endpoint: Endpoint, method: string, request: object, timeoutMs: number): Promise<Res> {
      calls.push({ endpoint: formatEndpoint(endpoint), method, request, timeoutMs });
      const handler = at(endpoint).unary?.[method] ?? (method === "Info" ? () => ({}) : notHere);
      return (await handler(request as never)) as Res;
    },
    streams: async (endpoint) => connectInMemory({ ...NOTHING, ...at(endpoint).streams }),
  };
}

function notHere(): never {
  throw new MosaicError("NOT_HERE", "not served in this test");
}

const NOTHING: FleetHandlers = {
  info: notHere,
  list: notHere,
  watch: notHere,
  heartbeat: notHere,
  send: notHere,
  tail: notHere,
  watchTerminal: notHere,
  attachTerminal: notHere,
  reset: notHere,
  listMessages: notHere,
  watchReceipts: notHere,
  watchEvents: notHere,
  presence: notHere,
  cancelMessage: notHere,
  retryMessage: notHere,
  decide: notHere,
  addHost: notHere,
  removeHost: notHere,
  drainHost: notHere,
  readLog: notHere,
};
