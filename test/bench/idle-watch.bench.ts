/** Memory of one idle Watch stream on a server with 8 rows, against one idle stream of a bare HTTP/2 server. The servers run in a
 *  process of their own, so that the clients' memory does not count. */
import { fork } from "node:child_process";
import { connect } from "node:http2";
import { connectFleet } from "@mosaic/rpc";
import { report } from "./figures.ts";

const STREAMS = 500;

interface Told {
  readonly fleetPort: number;
  readonly barePort: number;
  readonly rssKiB: number;
}

const server = fork(new URL("./idle-watch-server.ts", import.meta.url), { execArgv: ["--expose-gc"] });
const ask = () =>
  new Promise<Told>((resolve) => {
    server.once("message", (told) => resolve(told as Told));
    server.send("rss");
  });

const start = await ask();
const stop = new AbortController();
await using connection = connectFleet({ kind: "tcp", hostname: "127.0.0.1", port: start.fleetPort });
const open = async () => {
  for await (const response of connection.client.watch({ bookmarkIntervalMs: 30_000 }, { signal: stop.signal })) {
    if (response.frame.case === "bookmark") return;
  }
};
await open();
const before = await ask();
await Promise.all(Array.from({ length: STREAMS }, open));
const after = await ask();
const bare = connect(`http://127.0.0.1:${start.barePort}`);
bare.setMaxListeners(0);
const bareStream = () =>
  new Promise<void>((resolve) => {
    bare.request({ ":path": "/" }).once("response", () => resolve());
  });
await bareStream();
const bareBefore = await ask();
await Promise.all(Array.from({ length: STREAMS }, bareStream));
const bareAfter = await ask();
report({
  name: "memory per idle Watch stream (resident)",
  value: (after.rssKiB - before.rssKiB) / STREAMS,
  unit: "KiB",
  n: STREAMS,
  floor: { name: "an idle stream of a bare node:http2 server", value: Math.max(0.1, (bareAfter.rssKiB - bareBefore.rssKiB) / STREAMS) },
  goal: "at most 512 KiB, stuck clients included",
});
server.kill();
process.exit(0);
