/** Watch clients that never read, each on a connection of its own. Run as a program it keeps them until it is killed:
 *  `node stuck-clients.ts <port> <count>`; it prints `stuck` once the server has begun to answer every one. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";

export interface StuckClient {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
}

/** Opens a gRPC Watch with room for 1 KiB and reads nothing of it. Resolves when the answer has begun. */
export async function openStuckClient(port: number): Promise<StuckClient> {
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 1024 } });
  session.on("error", () => {});
  const path = "/mosaic.fleet.v1.FleetService/Watch";
  const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" });
  // Both vanish on purpose; how they see it does not matter.
  stream.on("error", () => {});
  stream.end(Buffer.from([0, 0, 0, 0, 0]));
  await new Promise((resolve) => stream.once("response", resolve));
  return { session, stream };
}

/** Opens many at once. */
export function openStuckClients(port: number, count: number): Promise<StuckClient[]> {
  return Promise.all(Array.from({ length: count }, () => openStuckClient(port)));
}

if (import.meta.main) {
  const [port = "", count = ""] = process.argv.slice(2);
  await openStuckClients(Number(port), Number(count));
  process.stdout.write("stuck\n");
  setInterval(() => {}, 60_000);
}
