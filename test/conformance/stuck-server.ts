import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { connectFleet, type Endpoint, type FleetClient } from "@mosaic/rpc";
import { eventually, FakeHost, realClock, WatchReader } from "@mosaic/testkit";
import { startFakeNode } from "./start-fakes.ts";

/** How a snapshot fills what the server may buffer (64 KiB): with many frames, of which the last waits in a queue, or with
 *  one frame larger than that, which waits in the middle of being written. The second is what used to leak. */
export type Shape = "many small rows" | "one large row";
const SMALL_ROWS = 400;
const LARGE_ROW_BYTES = 200_000;

/** A node with more to tell than a client that does not read lets it. */
export interface Server {
  readonly host: FakeHost;
  readonly client: FleetClient;
  readonly port: number;
  /** A healthy watcher that is past its snapshot. */
  readonly healthy: WatchReader;
}

/** Starts the node. @param pingIntervalMs as the node's option */
export async function startServer(stack: AsyncDisposableStack, shape: Shape, pingIntervalMs = 20_000): Promise<Server> {
  const host = new FakeHost({ tenantId: "team-a", host: "alpha", clock: realClock, agents: ["lead"] });
  if (shape === "one large row") host.startSession("a-large-one", "x".repeat(LARGE_ROW_BYTES));
  else for (let index = 1; index < SMALL_ROWS; index += 1) host.startSession(`crowd-${index}`);
  const listen: Endpoint[] = [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }];
  const node = stack.use(await startFakeNode(host, listen, { pingIntervalMs }));
  const [endpoint] = node.endpoints;
  assert.ok(endpoint?.kind === "tcp");
  const { client } = stack.use(connectFleet(endpoint));
  const healthy = stack.use(new WatchReader(client, {}, {}));
  await healthy.snapshot();
  return { host, client, port: endpoint.port, healthy };
}

/** Starts stuck clients in a process of their own. */
export async function startChild(stack: AsyncDisposableStack, port: number, count: number): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL("stuck-clients.ts", import.meta.url)), String(port), String(count)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  stack.defer(() => void child.kill("SIGKILL"));
  await new Promise((resolve, reject) => {
    child.stdout?.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`the clients ended with ${code}`)));
  });
  return child;
}

/** Makes a change and waits until the healthy watcher has seen it. */
export async function assertDeltasFlow({ host, healthy }: Server, name: string): Promise<void> {
  host.startSession(name);
  await healthy.until(({ frame }) => frame.case === "upsert" && frame.value.name === name);
}

/** Watches that the node serves now. */
export async function watches({ client }: Server): Promise<number> {
  return (await client.info({})).liveStreams["Watch"] ?? 0;
}

/** Waits until the node serves that many. */
export async function untilWatches(server: Server, count: number): Promise<void> {
  await eventually(`${count} watches are served`, async () => (await watches(server)) === count);
}
