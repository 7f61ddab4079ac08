import type { RpcServer } from "../../packages/rpc/src/server/rpc-server.ts";
import type { ServeFleetOptions } from "../../packages/rpc/src/server/serve-fleet.ts";

/** Who takes what is served, by the name of the place it listens on. */
export const simulatedListeners = new Map<string, (options: ServeFleetOptions) => void>();

/** Takes the place of the real `serveFleet` in a simulated world (see module-hooks.ts): no socket is opened, and the handlers
 *  are given to the process that listens there. */
export async function serveFleet(options: ServeFleetOptions): Promise<RpcServer> {
  const [endpoint] = options.listen;
  const name = endpoint?.kind === "tcp" ? endpoint.hostname : "";
  const take = simulatedListeners.get(name);
  if (!take) throw new Error(`nobody simulates a server at "${name}"`);
  take(options);
  return { endpoints: options.listen, [Symbol.asyncDispose]: async () => {} } as unknown as RpcServer;
}
