import { createClient, createRouterTransport, type ServiceImpl } from "@connectrpc/connect";
import { MosaicError } from "@mosaic/core/light";
import { type Endpoint, formatEndpoint } from "@mosaic/rpc/plain-unary";
import { FleetService } from "@mosaic/wire";
import type { Remote } from "./remote.ts";

/** What answers at one endpoint, in a test. */
export interface MemoryServer {
  /** Unary methods by name, on the JSON forms of their messages. */
  readonly unary?: Readonly<Record<string, (request: never) => object | Promise<object>>>;
  /** Streams, on real messages. */
  readonly streams?: Partial<ServiceImpl<typeof FleetService>>;
}

/** A call that was made. */
export interface MemoryCall {
  readonly endpoint: string;
  readonly method: string;
  readonly request: object;
  readonly timeoutMs: number;
}

/** A mesh in memory for tests of commands: servers by endpoint, and a record of the calls. Elsewhere nothing answers. */
export function memoryRemote(servers: Readonly<Record<string, MemoryServer>>): Remote & { readonly calls: readonly MemoryCall[] } {
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
      const handler = at(endpoint).unary?.[method] ?? (method === "Info" ? () => ({}) : undefined);
      if (!handler) throw new MosaicError("NOT_HERE", `no ${method} in this test`);
      return (await handler(request as never)) as Res;
    },
    async streams(endpoint) {
      const { streams = {} } = at(endpoint);
      const client = createClient(FleetService, createRouterTransport(({ service }) => service(FleetService, streams)));
      return { client, async [Symbol.asyncDispose]() {} };
    },
  };
}
