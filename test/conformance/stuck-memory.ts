/** Measures what a watcher that does not read costs a node, and prints it as JSON. A program of its own, because a test
 *  runner's bookkeeping for every promise would be counted too: `node stuck-memory.ts`. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { settle } from "@mosaic/testkit";
import { assertDeltasFlow, startChild, startServer, untilWatches } from "./stuck-server.ts";

export interface StuckMemory {
  readonly bytesEach: number;
  readonly bytesEachLater: number;
}

const CLIENTS = 100;
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

async function usedBytes(): Promise<number> {
  // Some garbage is only found in a second pass, after what a first one set free was told of it.
  for (let pass = 0; pass < 3; pass += 1) {
    collectGarbage();
    await settle();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

await using stack = new AsyncDisposableStack();
const server = await startServer(stack, "many small rows");
const warmUp = await startChild(stack, server.port, 50);
await untilWatches(server, 51);
warmUp.kill("SIGKILL");
await untilWatches(server, 1);
const before = await usedBytes();
await startChild(stack, server.port, CLIENTS);
await untilWatches(server, 1 + CLIENTS);
const bytesEach = ((await usedBytes()) - before) / CLIENTS;
for (let round = 1; round <= 200; round += 1) await assertDeltasFlow(server, `crowd-${round}`);
const measured: StuckMemory = { bytesEach, bytesEachLater: ((await usedBytes()) - before) / CLIENTS };
process.stdout.write(`${JSON.stringify(measured)}\n`);
