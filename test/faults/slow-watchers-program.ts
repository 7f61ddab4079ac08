/** Watch clients that take in 1 kB each second, and as many that take nothing at all, with room for 1 KiB each: arguments are the
 *  server's Unix socket and how many of both together. Tells `serving` when every one is answered. Ends with its parent. */
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";

const [path = "", count = "0"] = process.argv.slice(2);
const ROOM_BYTES = 1024;
/** An empty WatchRequest, as gRPC frames it. */
const REQUEST = Buffer.from([0, 0, 0, 0, 0]);

async function open(isStuck: boolean): Promise<void> {
  const session = connectHttp2("http://localhost", {
    createConnection: () => connect(path),
    settings: { initialWindowSize: ROOM_BYTES },
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
  if (isStuck) return;
  // What was not handed to us is not credited to the server: a window's worth each second.
  stream.on("data", () => stream.pause());
  setInterval(() => stream.resume(), 1000);
}

process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
await Promise.all(Array.from({ length: Number(count) }, (_, index) => open(index % 2 === 0)));
process.send?.("serving");
setInterval(() => {}, 60_000);
