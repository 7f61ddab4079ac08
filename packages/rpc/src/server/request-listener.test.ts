import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type Log, silentLog } from "@mosaic/core";
import { eventually, settle } from "@mosaic/testkit";
import { FleetService, WatchResponseSchema } from "@mosaic/wire";
import { requestListener } from "./request-listener.ts";

const WATCH = "/mosaic.fleet.v1.FleetService/Watch";

/** A request as Node hands it over, made up. */
function fakeRequest(headers: Record<string, string>, url = WATCH, method = "POST") {
  const body = [Buffer.from([0, 0, 0, 0, 0])];
  return Object.assign(new EventEmitter(), {
    httpVersion: "1.1",
    method,
    url,
    headers: { "content-type": "application/connect+proto", ...headers },
    socket: {},
    async *[Symbol.asyncIterator]() {
      yield* body;
    },
  });
}

/** A response whose client reads nothing: no write is ever done, and its end is a mere `close`, as on Node 20. */
class StuckResponse extends EventEmitter {
  status = 0;
  text = "";
  writes = 0;
  headersSent = false;
  writableFinished = false;
  writeHead(status: number): void {
    this.status = status;
    this.headersSent = true;
  }
  write(): boolean {
    this.writes += 1;
    return false;
  }
  end(text = ""): void {
    this.text = text;
  }
  addTrailers(): void {}
}

function listenerOf(carrier: "tcp" | "unix", log: Log = silentLog) {
  let running = 0;
  const listener = requestListener({
    routes: (router) => {
      router.service(FleetService, {
        async *watch() {
          running += 1;
          try {
            for (;;) yield create(WatchResponseSchema, { frame: { case: "reset", value: {} } });
          } finally {
            running -= 1;
          }
        },
      });
    },
    interceptors: [],
    log,
    carrier,
    shutdownSignal: new AbortController().signal,
  });
  const call = (headers: Record<string, string>, url?: string, method?: string) => {
    const response = new StuckResponse();
    // Made up, and so not of Node's classes.
    listener(fakeRequest(headers, url, method) as never, response as never);
    return response;
  };
  return { call, running: () => running };
}

describe("a handler whose write waits for a client", () => {
  test("ends when the client goes away, even if Node says no more of it than close", async () => {
    const { call, running } = listenerOf("tcp");
    const response = call({ host: "127.0.0.1" });
    await eventually("the handler waits for the client", () => response.writes === 1 && running() === 1);
    await settle();
    assert.equal(response.writes, 1, "it does not write on");
    response.emit("close");
    await eventually("the handler has ended", () => running() === 0);
  });

  test("goes on when the client reads on", async () => {
    const { call } = listenerOf("tcp");
    const response = call({ host: "127.0.0.1" });
    await eventually("a first write", () => response.writes === 1);
    response.emit("drain");
    await eventually("a second write", () => response.writes === 2);
    response.emit("close");
  });

  test("that goes away is nothing to complain about", async () => {
    const said: string[] = [];
    const { call, running } = listenerOf("tcp", { ...silentLog, warn: (_fields, message) => said.push(message) });
    const response = call({ host: "127.0.0.1" });
    await eventually("the handler waits for the client", () => response.writes === 1);
    response.emit("close");
    await eventually("the handler has ended", () => running() === 0);
    await settle();
    assert.deepEqual(said, []);
  });
});

describe("the host that a request names", () => {
  test("must be a loopback name on TCP: a page in a browser may call us by any other", () => {
    const { call } = listenerOf("tcp");
    for (const host of [
      "evil.example",
      "evil.example:8787",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "10.0.0.1",
      "",
      "0.0.0.0",
      "[::2]:80",
    ]) {
      assert.equal(call({ host }).status, 403, host);
    }
    for (const host of ["127.0.0.1", "127.0.0.1:8787", "127.1.2.3:1", "localhost:8787", "[::1]:8787", "[::1]"]) {
      assert.notEqual(call({ host }).status, 403, host);
    }
  });

  test("does not matter on a Unix socket", () => {
    assert.notEqual(listenerOf("unix").call({ host: "evil.example" }).status, 403);
  });

  test("may be missing or be none: it ends neither the call nor the daemon", async () => {
    for (const [carrier, headers] of [
      ["unix", {}],
      ["unix", { host: "a b" }],
      ["unix", { host: "%2Frun%2Fnode.sock" }],
      ["tcp", { host: "127.0.0.1:99999" }],
    ] as const) {
      const response = listenerOf(carrier).call(headers);
      await eventually(`an answer to ${JSON.stringify(headers)}`, () => response.status === 200);
      response.emit("close");
    }
  });
});

test("a path that is not served is answered with 404 and the paths that are", () => {
  const response = listenerOf("unix").call({ host: "localhost" }, "/elsewhere");
  assert.equal(response.status, 404);
  assert.match(response.text, /mosaic\.fleet\.v1\.FleetService/);
});

test("GET /healthz says that the daemon lives, to loopback names only, and is no path for calls", () => {
  const { call } = listenerOf("tcp");
  const { status, text } = call({ host: "127.0.0.1:8787" }, "/healthz", "GET");
  assert.deepEqual([status, text], [200, "ok\n"]);
  assert.equal(call({ host: "evil.example" }, "/healthz", "GET").status, 403);
  assert.equal(call({ host: "127.0.0.1" }, "/healthz", "POST").status, 404);
});
