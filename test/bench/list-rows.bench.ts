/** List of 8,000 rows from 1,000 simulated hosts through one aggregator, over gRPC on loopback TCP. Hosts, aggregator and client are a process
 *  each, so that none pays for another's garbage. */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { connectFleet, type Endpoint } from "@mosaic/rpc";
import { ListResponseSchema } from "@mosaic/wire";
import { percentile, report, spreadOf, timed } from "./figures.ts";

const HOSTS = 1000;
const AGENTS = 8;
const CALLS = 300;

const directory = mkdtempSync(join(tmpdir(), "mosaic-bench-"));
const started = <T>(script: string, args: readonly string[]) => {
  const child = fork(new URL(script, import.meta.url), args);
  return { child, told: new Promise<T>((resolve) => child.once("message", (message) => resolve(message as T))) };
};
const hosts = started<string[]>("./simulated-hosts-server.ts", [directory, String(HOSTS), String(AGENTS)]);
const aggregator = started<Endpoint>("./aggregator-server.ts", [directory, (await hosts.told).join(",")]);
const { client } = connectFleet(await aggregator.told);
let response = await client.list({});
while (response.agents.length < HOSTS * AGENTS) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  response = await client.list({});
}
const samples: number[] = [];
for (let call = 0; call < CALLS; call += 1) samples.push(await timed(() => client.list({})));
const encodings: number[] = [];
for (let run = 0; run < 10; run += 1) encodings.push(await timed(() => toBinary(ListResponseSchema, response)));
report({
  name: "aggregator List of 8,000 rows from 1,000 hosts, call to decoded reply",
  value: percentile(samples, 0.5),
  unit: "ms",
  n: samples.length,
  spread: spreadOf(samples),
  floor: { name: "encoding the same rows once", value: percentile(encodings, 0.5) },
  goal: "p99 at most 150 ms",
});
aggregator.child.kill();
hosts.child.kill();
rmSync(directory, { recursive: true, force: true });
process.exit(0);
