import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { passThroughTracer, silentLog } from "@mosaic/core";
import { anAgent, eventually, stubHandlers } from "@mosaic/testkit";
import { WatchResponseSchema } from "@mosaic/wire";
import { connectFleet } from "../client/connect-fleet.ts";
import { LiveStreams } from "./live-streams.ts";
import { serveFleet } from "./serve-fleet.ts";

const PATH = "/mosaic.fleet.v1.FleetService/Watch";

async function endlessServer(stack: AsyncDisposableStack) {
  const streams = new LiveStreams();
  const frame = create(WatchResponseSchema, { frame: { case: "upsert", value: anAgent({ stateDetail: "x".repeat(4000) }) } });
  const handlers = stubHandlers({
    async *watch(_request, { signal }) {
      while (!signal.aborted) {
        yield frame;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
  });
  const listen = [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }] as const;
  const options = { handlers, streams, listen, tracer: passThroughTracer, log: silentLog, unreadTimeoutMs: 600 };
  const server = stack.use(await serveFleet(options));
  const [endpoint] = server.endpoints;
  assert.ok(endpoint?.kind === "tcp");
  return { streams, endpoint };
}

test("no drain for the time given ends the stream and frees its state, and one that is read goes on", {
  timeout: 20_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const { streams, endpoint } = await endlessServer(stack);
  const session = connectHttp2(`http://127.0.0.1:${endpoint.port}`);
  stack.defer(() => session.destroy());
  session.on("error", () => {});
  const headers = { ":method": "POST", ":path": PATH, "content-type": "application/grpc+proto", te: "trailers" };
  const unread = session.request(headers);
  unread.on("error", () => {});
  unread.end(Buffer.alloc(5));
  // The session goes on to answer pings and the like: only this stream is not read.
  unread.pause();
  const raw = connect({ port: endpoint.port, host: "127.0.0.1", onread: { buffer: Buffer.alloc(64), callback: () => false } });
  stack.defer(() => void raw.destroy());
  raw.on("error", () => {});
  raw.write(
    `POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/connect+proto\r\ncontent-length: 5\r\n\r\n\0\0\0\0\0`,
  );
  const { client } = stack.use(connectFleet(endpoint));
  const call = new AbortController();
  let readCount = 0;
  const reading = (async () => {
    for await (const _frame of client.watch({}, { signal: call.signal })) readCount += 1;
  })().catch(() => {});
  await eventually("all three are served", () => streams.counts()["Watch"] === 3);
  await eventually("only the reader is left", () => streams.counts()["Watch"] === 1, 15_000);
  const before = readCount;
  await eventually("it reads on", () => readCount > before + 10);
  assert.equal(session.destroyed, false, "the connection stays, with whatever else it carries");
  call.abort();
  await reading;
});
