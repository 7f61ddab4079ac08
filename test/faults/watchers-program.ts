/** Watch clients, each on a connection of its own, in a process that a test can stop or kill: arguments are the aggregator's socket
 *  and how many. Tells `serving` when each has its first snapshot, and on `latencies` the latencies of the changes since the last
 *  question, in ms. Ends with its parent. */
import { connectFleet } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { newFindings } from "./experiment.ts";
import { WatchProbe } from "./watch-probe.ts";

const [path = "", count = "0"] = process.argv.slice(2);
const findings = newFindings();
const connect = () => connectFleet({ kind: "unix", path });
const probes = Array.from({ length: Number(count) }, (_, index) => new WatchProbe({ name: `watch ${index}`, connect, findings }));
process.on("message", () => {
  process.send?.({
    latenciesMs: probes.flatMap((probe) => probe.latenciesMs),
    found: findings.found,
    streams: probes.map((each) => each.streams),
  });
  for (const probe of probes) probe.latenciesMs = [];
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
await eventually("each has its snapshot", () => probes.every((probe) => probe.view.isComplete), 60_000);
process.send?.("serving");
