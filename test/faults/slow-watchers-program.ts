/** Watch clients that take in 1 kB each second, and as many that take nothing at all, with room for 1 KiB each: arguments are the
 *  server's Unix socket and how many of both together. `reading` after them makes them read all at once that they are sent, and
 *  decode nothing of it. Tells `serving` when every one is answered. Ends with its parent. */
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";

const [path = "", count = "0", how = "slow"] = process.argv.slice(2);
const ROOM_BYTES = 1024;
const EVERY_MS = 1000;
/** An empty WatchRequest, as gRPC frames it. */
const REQUEST = Buffer.from([0, 0, 0, 0, 0]);

type Reader = "reading" | "slow" | "stuck";

/** @param afterMs when it first takes something in, so that not all of them do at the same moment */
async function open(reader: Reader, afterMs: number): Promise<void> {
  const session = connectHttp2("http://localhost", {
    createConnection: () => connect(path),
    ...(reader !== "reading" && { settings: { initialWindowSize: ROOM_BYTES } }),
  });
  // However it ends, nobody waits for it.
  session.on("error", () => {});
  const headers = {
    ":method": "POST",
    ":path": "/mosaic.fleet.v1.FleetService/Watch",
    "content-type": "application/grpc",
    te: "trailers",
  };
  const stream = session.request(headers);
  stream.on("error", () => {});
  stream.end(REQUEST);
  await new Promise((resolve) => stream.once("response", resolve));
  if (reader === "stuck") return;
  if (reader === "reading") return void stream.resume();
  // What was not handed to us is not credited to the server: a window's worth each second.
  stream.on("data", () => stream.pause());
  setTimeout(() => setInterval(() => stream.resume(), EVERY_MS), afterMs);
}

process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
const readers = Array.from({ length: Number(count) }, (_, index): Reader => {
  if (how === "reading") return how;
  return index % 2 === 0 ? "stuck" : "slow";
});
await Promise.all(readers.map((reader, index) => open(reader, (EVERY_MS * index) / readers.length)));
process.send?.("serving");
setInterval(() => {}, 60_000);
