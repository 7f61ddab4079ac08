import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core/light";
import { ErrorInfoSchema } from "@mosaic/wire";
import type { Endpoint } from "./endpoint.ts";
import { callUnary } from "./plain-unary.ts";

const quick = { timeoutMs: 5000, signal: new AbortController().signal };

async function listen(server: Server): Promise<{ endpoint: Endpoint } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {
      // The caller under test hangs up whenever it likes.
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: { kind: "tcp", hostname: "127.0.0.1", port },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers every connection with these bytes, in these pieces, and then hangs up unless told to keep quiet. */
function answering(pieces: readonly string[], { keepOpen = false } = {}): Server {
  return createNetServer((socket) => {
    socket.once("data", async () => {
      for (const piece of pieces) await new Promise((resolve) => socket.write(piece, () => setImmediate(resolve)));
      if (!keepOpen) socket.end();
    });
  });
}

async function failure(server: Server, options: Partial<typeof quick> = {}): Promise<MosaicError> {
  await using listening = await listen(server);
  return await failureAt(listening.endpoint, options);
}

async function failureAt(endpoint: Endpoint, options: Partial<typeof quick> = {}): Promise<MosaicError> {
  const error = await callUnary(endpoint, "List", {}, { ...quick, ...options }).then(
    (reply) => assert.fail(`answered ${JSON.stringify(reply)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof MosaicError, String(error));
  return error;
}

function refusing(status: number, body: unknown, contentType = "application/json"): Server {
  return createServer((_request, response) => {
    response.writeHead(status, { "content-type": contentType });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

test("the request is one Connect unary call with the deadline and the trace", async () => {
  const seen: { url?: string | undefined; headers?: IncomingHttpHeaders; body?: string } = {};
  const server = createServer(async (request, response) => {
    const body: Buffer[] = [];
    for await (const piece of request) body.push(piece as Buffer);
    Object.assign(seen, { url: request.url, headers: request.headers, body: Buffer.concat(body).toString() });
    response.setHeader("content-type", "application/json");
    response.end('{"rev":"7"}');
  });
  await using listening = await listen(server);
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  const reply = await callUnary(listening.endpoint, "List", { live: true, name: "ü" }, { ...quick, traceparent });
  assert.deepEqual(reply, { rev: "7" });
  assert.equal(seen.url, "/mosaic.fleet.v1.FleetService/List");
  assert.equal(seen.body, '{"live":true,"name":"ü"}');
  assert.equal(seen.headers?.["content-type"], "application/json");
  assert.equal(seen.headers?.["connect-protocol-version"], "1");
  assert.equal(seen.headers?.["connect-timeout-ms"], "5000");
  assert.equal(seen.headers?.connection, "close");
  assert.equal(seen.headers?.traceparent, traceparent);
});

test("a traceparent that is not one can't add headers", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.setHeader("content-type", "application/json");
    response.end("{}");
  });
  await using listening = await listen(server);
  await callUnary(listening.endpoint, "List", {}, { ...quick, traceparent: "x\r\nauthorization: me" });
  assert.equal(seen[0]?.traceparent, undefined);
  assert.equal(seen[0]?.authorization, undefined);
});

const json = "content-type: application/json\r\n";
const wholeReplies: Record<string, string> = {
  "a length": `HTTP/1.1 200 OK\r\n${json}content-length: 9\r\n\r\n{"a":"ü"}`.replace("9", "10"),
  "a length, and something after it": `HTTP/1.1 200 OK\r\n${json}content-length: 10\r\n\r\n{"a":"ü"}HTTP/1.1 500 what`,
  chunks: `HTTP/1.1 200 OK\r\n${json}Transfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n3;x=y\r\n:"\xc3\r\n3\r\n\xbc"}\r\n0\r\ntrailer: 1\r\n\r\n`,
  "the end of the connection": `HTTP/1.1 200 OK\r\n${json}\r\n{"a":"ü"}`,
  "an early hint before it": `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 \r\n${json}content-length: 10\r\n\r\n{"a":"ü"}`,
};
for (const [framing, reply] of Object.entries(wholeReplies)) {
  test(`a reply ended by ${framing} is read, in one piece or byte by byte`, async () => {
    const bytes = framing === "chunks" ? Buffer.from(reply, "latin1") : Buffer.from(reply);
    for (const pieces of [[bytes], [...bytes].map((byte) => Buffer.from([byte]))]) {
      await using listening = await listen(
        createNetServer((socket) => {
          socket.once("data", async () => {
            for (const piece of pieces) await new Promise((resolve) => socket.write(piece, () => setImmediate(resolve)));
            socket.end();
          });
        }),
      );
      assert.deepEqual(await callUnary(listening.endpoint, "List", {}, quick), { a: "ü" });
    }
  });
}

test("an error with a readable ErrorInfo becomes that error, with hint and candidates", async () => {
  const debug = {
    code: "AGENT_AMBIGUOUS",
    hint: "say which",
    candidates: [{ tenantId: "team-a", host: "alpha", name: "lead" }, { name: "x" }],
  };
  const details = [
    { type: "other", value: "" },
    { type: "mosaic.fleet.v1.ErrorInfo", value: "!", debug },
  ];
  const error = await failure(refusing(400, { code: "failed_precondition", message: '"lead" fits 2', details }));
  assert.deepEqual(
    { code: error.code, message: error.message, hint: error.hint, candidates: error.candidates },
    {
      code: "AGENT_AMBIGUOUS",
      message: '"lead" fits 2',
      hint: "say which",
      candidates: [
        { tenantId: "team-a", host: "alpha", name: "lead" },
        { tenantId: "", host: "", name: "x" },
      ],
    },
  );
});

test("an ErrorInfo that is only bytes is decoded", async () => {
  const bytes = toBinary(ErrorInfoSchema, create(ErrorInfoSchema, { code: "BUSY", hint: "later" }));
  const value = Buffer.from(bytes).toString("base64").replace(/=+$/, "");
  const details = [{ type: "mosaic.fleet.v1.ErrorInfo", value }];
  const error = await failure(refusing(429, { code: "resource_exhausted", message: "full", details }));
  assert.deepEqual([error.code, error.message, error.hint], ["BUSY", "full", "later"]);
});

test("an error of another server is judged by its status name, then by HTTP", async () => {
  const broken = [{ type: "mosaic.fleet.v1.ErrorInfo", value: "/////w==" }];
  const expected: [Server, string, RegExp][] = [
    [refusing(503, { code: "unavailable" }), "HOST_UNREACHABLE", /^List: List failed with unavailable$/],
    [refusing(504, { code: "deadline_exceeded", message: "slow", details: broken }), "DEADLINE", /^List: slow$/],
    [refusing(403, { code: "permission_denied", message: "no" }), "NOT_ALLOWED", /no/],
    [refusing(500, { code: "from the future", message: "m" }), "INTERNAL", /^List: m$/],
    [
      refusing(500, { code: "unknown", details: [{ type: "mosaic.fleet.v1.ErrorInfo", debug: { code: "toString" } }] }),
      "INTERNAL",
      /List/,
    ],
    [refusing(404, "<html>", "text/html"), "NOT_SERVED", /is no FleetService: List got HTTP 404/],
    [refusing(200, "<html>", "text/html"), "NOT_SERVED", /HTTP 200/],
    [refusing(200, "{", "application/json"), "NOT_SERVED", /HTTP 200/],
    [refusing(502, "bad gateway", "text/plain"), "HOST_UNREACHABLE", /HTTP 502/],
  ];
  for (const [server, code, message] of expected) {
    const error = await failure(server);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  }
});

test("nothing at the address is NOT_SERVED, with what to do", async () => {
  const gone = await listen(createNetServer());
  await gone[Symbol.asyncDispose]();
  for (const endpoint of [gone.endpoint, { kind: "unix", path: "/tmp/no-such-mosaic.sock" } as const]) {
    const error = await failureAt(endpoint);
    assert.equal(error.code, "NOT_SERVED");
    assert.match(error.message, /ECONNREFUSED|ENOENT/);
    assert.match(error.hint ?? "", /mosaic-node/);
  }
});

test("what is not HTTP, or malformed, is no FleetService", async () => {
  const garbage = [
    ["SSH-2.0-OpenSSH_9.2\r\n"],
    ["HTTP/2 200\r\n\r\n"],
    ["HTTP/1.1 abc\r\n\r\n"],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n"],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n"],
    ["HTTP/1.1 200 OK\r\ncontent-length: -4\r\n\r\n"],
    [`HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}`],
    [`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"0".repeat(10_000)}`],
  ];
  for (const pieces of garbage) {
    const error = await failure(answering(pieces, { keepOpen: true }));
    assert.equal(error.code, "NOT_SERVED", `${JSON.stringify(pieces).slice(0, 80)}: ${error.message}`);
  }
});

test("a connection that ends too early is not an answer", async () => {
  const torn = [
    "HTTP/1.1 200 OK\r\n",
    `HTTP/1.1 200 OK\r\n${json}content-length: 100\r\n\r\n{}`,
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`,
  ];
  for (const piece of torn) assert.equal((await failure(answering([piece]))).code, "HOST_UNREACHABLE", piece);
});

test("a reply larger than the cap is refused before it fills the memory", async () => {
  const error = await failure(
    answering([`HTTP/1.1 200 OK\r\n${json}content-length: ${65 * 1024 * 1024}\r\n\r\n{`], { keepOpen: true }),
  );
  assert.equal(error.code, "NOT_SERVED");
  assert.match(error.message, /larger than 67108864 bytes/);
});

test("an endless reply without a length is cut off at the cap", async () => {
  const block = Buffer.alloc(1024 * 1024, 32);
  const server = createNetServer((socket) => {
    socket.on("error", () => {
      // The caller hangs up in the middle: that is the point.
    });
    const more = () => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\n${json}\r\n`);
      socket.on("drain", more);
      more();
    });
  });
  const error = await failure(server);
  assert.match(error.message, /larger than/);
});

test("silence ends with DEADLINE after the time given", async () => {
  const startedAtMs = performance.now();
  const error = await failure(answering([], { keepOpen: true }), { timeoutMs: 60 });
  assert.equal(error.code, "DEADLINE");
  assert.match(error.message, /within 60 ms/);
  assert.ok(performance.now() - startedAtMs >= 55);
});

test("a half answer ends with DEADLINE too", async () => {
  const error = await failure(answering([`HTTP/1.1 200 OK\r\n${json}content-length: 9\r\n\r\n{`], { keepOpen: true }), {
    timeoutMs: 60,
  });
  assert.equal(error.code, "DEADLINE");
});

test("an abort ends the call at once, also before it began", async () => {
  const stop = new AbortController();
  const server = createNetServer((socket) => {
    socket.once("data", () => stop.abort());
  });
  assert.equal((await failure(server, { signal: stop.signal })).code, "CANCELLED");
  assert.equal((await failure(createNetServer(), { signal: AbortSignal.abort() })).code, "CANCELLED");
});
