import { once } from "node:events";
import { createServer as createHttp2Server, type IncomingHttpHeaders } from "node:http2";
import { connect, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";

/** A port of 127.0.0.1 in front of another one, that keeps what is said to it. Disposing closes it. */
export interface WireTap extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** What came over connections with HTTP/1.1, as it came. */
  http1(): string;
  /** The headers of all calls over connections with HTTP/2. */
  http2(): Promise<readonly IncomingHttpHeaders[]>;
}

/** Listens in front of a port: all goes on as it comes, both ways. */
export async function tapWire(port: number): Promise<WireTap> {
  const said: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    const mine: Buffer[] = [];
    said.push(mine);
    near.on("data", (piece: Buffer) => void mine.push(piece));
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      // One side that is cut cuts the other.
      socket.on("error", () => {}).on("close", () => [near, far].forEach((each) => void each.destroy()));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  const whole = () => said.map((pieces) => Buffer.concat(pieces));
  const isHttp2 = (bytes: Buffer) => bytes.subarray(0, 3).equals(Buffer.from("PRI"));
  return {
    address: `127.0.0.1:${address.port}`,
    http1: () =>
      whole()
        .filter((bytes) => !isHttp2(bytes))
        .map(String)
        .join(""),
    http2: async () => (await Promise.all(whole().filter(isHttp2).map(headersIn))).flat(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// Headers are compressed over the whole connection: whoever would read one has to read all, which Node does best itself.
async function headersIn(bytes: Buffer): Promise<IncomingHttpHeaders[]> {
  const found: IncomingHttpHeaders[] = [];
  const server = createHttp2Server();
  server.on("stream", (stream, headers) => {
    found.push(headers);
    stream.on("error", () => {});
  });
  const replay = new Duplex({ read() {}, write: (_piece, _encoding, done) => done() });
  const over = once(server, "session").then(([session]) => once(session, "close"));
  server.emit("connection", replay);
  replay.push(bytes);
  replay.push(null);
  await over;
  return found;
}
