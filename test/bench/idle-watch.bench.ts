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

// A process for each of the two: memory that one has given back would make the other look free.
async function perStreamKiB(open: (ports: Told) => Promise<() => Promise<void>>): Promise<number> {
  const server = fork(new URL("./idle-watch-server.ts", import.meta.url), { execArgv: ["--expose-gc"] });
  const ask = () =>
    new Promise<Told>((resolve) => {
      server.once("message", (told) => resolve(told as Told));
      server.send("rss");
    });
  const stream = await open(await ask());
  await stream();
  const before = await ask();
  await Promise.all(Array.from({ length: STREAMS }, stream));
  const after = await ask();
  server.kill();
  return (after.rssKiB - before.rssKiB) / STREAMS;
}

const ours = await perStreamKiB(async ({ fleetPort }) => {
  const { client } = connectFleet({ kind: "tcp", hostname: "127.0.0.1", port: fleetPort });
  const { signal } = new AbortController();
  return async () => {
    for await (const response of client.watch({ bookmarkIntervalMs: 30_000 }, { signal })) {
      if (response.frame.case === "bookmark") return;
    }
  };
});
const bare = await perStreamKiB(async ({ barePort }) => {
  const session = connect(`http://127.0.0.1:${barePort}`);
  return () => new Promise<void>((resolve) => void session.request({ ":path": "/" }).once("response", () => resolve()));
});
report({
  name: "memory per idle Watch stream (resident)",
  value: ours,
  unit: "KiB",
  n: STREAMS,
  floor: { name: "an idle stream of a bare node:http2 server", value: bare },
  goal: "at most 512 KiB, stuck clients included",
});
process.exit(0);
