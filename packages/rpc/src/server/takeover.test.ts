import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { type Log, MosaicError, passThroughTracer, silentLog } from "@mosaic/core";
import { eventually, stubHandlers } from "@mosaic/testkit";
import {
  type AttachTerminalRequest,
  AttachTerminalRequestSchema,
  AttachTerminalResponseSchema,
  FleetService,
} from "@mosaic/wire";
import { connectInMemory } from "../client/connect-fleet.ts";
import { formatEndpoint } from "../endpoint.ts";
import { fromConnectError } from "../error-mapping.ts";
import { LiveStreams } from "./live-streams.ts";
import { serveFleet } from "./serve-fleet.ts";
import { serveTakeover } from "./takeover.ts";

const open = create(AttachTerminalRequestSchema, { step: { case: "open", value: { agent: { name: "lead" } } } });
const keys = (text: string) =>
  create(AttachTerminalRequestSchema, { step: { case: "input", value: { data: new TextEncoder().encode(text) } } });
const said = (reason: string) => create(AttachTerminalResponseSchema, { frame: { case: "end", value: { reason } } });
const never = new AbortController().signal;

/** Answers each chunk of keys with what it was. */
const echoing = stubHandlers({
  async *attachTerminal({ open: { agent }, input }) {
    yield said(`open ${agent?.name}`);
    for await (const data of input) yield said(new TextDecoder().decode(data));
  },
});

async function serve(handlers = echoing, log: Log = silentLog) {
  const streams = new LiveStreams();
  const listen = [{ kind: "tcp", hostname: "127.0.0.1", port: 0 } as const];
  const server = await serveFleet({ handlers, streams, listen, tracer: passThroughTracer, log });
  const [endpoint] = server.endpoints;
  assert.ok(endpoint);
  return { server, streams, baseUrl: formatEndpoint(endpoint) };
}

/** Talks one step at a time: each chunk goes out after the answer to the one before came in. */
async function converse(transport: Transport): Promise<string[]> {
  const answered = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  async function* steps() {
    yield open;
    await answered[0].promise;
    yield keys("one");
    await answered[1].promise;
    yield keys("two");
  }
  const heard: string[] = [];
  for await (const { frame } of createClient(FleetService, transport).attachTerminal(steps())) {
    heard.push(frame.case === "end" ? frame.value.reason : `${frame.case}`);
    answered[heard.length - 1]?.resolve();
  }
  return heard;
}

describe("over a network", () => {
  const both: Record<string, (baseUrl: string) => Transport> = {
    gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
    "Connect over HTTP/2": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }),
    "Connect with JSON over HTTP/2": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: false }),
    "gRPC-Web over HTTP/2": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "2" }),
  };
  for (const [name, transport] of Object.entries(both)) {
    test(`${name} talks both ways at the same time`, async () => {
      const { server, streams, baseUrl } = await serve();
      await using _server = server;
      assert.deepEqual(await converse(transport(baseUrl)), ["open lead", "one", "two"]);
      await eventually("the handler ends with the keys", () => streams.counts()["AttachTerminal"] === undefined);
    });
  }

  const oneWay: Record<string, (baseUrl: string) => Transport> = {
    Connect: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
    "Connect with JSON": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
    "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  };
  for (const [name, transport] of Object.entries(oneWay)) {
    test(`${name} over HTTP/1.1 is told that it needs HTTP/2`, async () => {
      const { server, baseUrl } = await serve();
      await using _server = server;
      const thrown = await converse(transport(baseUrl)).catch((reason: unknown) => reason);
      const error = fromConnectError(thrown, "attach");
      assert.equal(error.code, "NOT_HERE");
      assert.match(error.message, /AttachTerminal needs HTTP\/2/);
      assert.match(error.hint ?? "", /WatchTerminal/);
    });
  }

  test("a caller that vanishes, or a server that stops, ends the handler, and is nobody's fault", async () => {
    const faults: unknown[] = [];
    const log: Log = { ...silentLog, error: (fields) => void faults.push(fields), warn: (fields) => void faults.push(fields) };
    const { server, streams, baseUrl } = await serve(echoing, log);
    const client = createClient(FleetService, createGrpcTransport({ baseUrl }));
    async function* stay() {
      yield open;
      await new Promise(() => {});
    }
    const call = new AbortController();
    const first = client.attachTerminal(stay(), { signal: call.signal })[Symbol.asyncIterator]();
    const second = client.attachTerminal(stay())[Symbol.asyncIterator]();
    await Promise.all([first.next(), second.next()]);
    assert.deepEqual(streams.counts(), { AttachTerminal: 2 });
    call.abort();
    await assert.rejects(first.next());
    await eventually("the caller's handler ended", () => streams.counts()["AttachTerminal"] === 1);
    const ended = second.next();
    await server[Symbol.asyncDispose]();
    assert.equal((await ended).done, true);
    assert.deepEqual([streams.counts(), faults], [{}, []]);
  });
});

test("every message of a takeover is held to the contract, by the client and by the server", async () => {
  const tooMuch = keys("x".repeat(65_537));
  for (const validate of [true, false]) {
    let wasHandled = "";
    const handlers = stubHandlers({
      async *attachTerminal({ input }) {
        yield said("open");
        for await (const data of input) wasHandled += `${data.length} `;
      },
    });
    await using connection = connectInMemory(handlers, { validate });
    for (const [steps, handled] of [
      [[open, keys("ok"), tooMuch, keys("more")], "2 "],
      [[create(AttachTerminalRequestSchema, { step: { case: "open", value: {} } })], ""],
    ] as const) {
      wasHandled = "";
      async function* requests() {
        yield* steps;
      }
      const drain = async () => {
        for await (const _ of connection.client.attachTerminal(requests()));
      };
      const thrown = await drain().catch((reason: unknown) => reason);
      assert.equal(fromConnectError(thrown, "attach").code, "USAGE", `validate ${validate}: ${thrown}`);
      assert.equal(wasHandled, handled);
    }
  }
});

test("no open within the time given is DEADLINE, and the requests are let go of", async () => {
  let wasLetGo = false;
  const requests: AsyncIterable<AttachTerminalRequest> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      async return() {
        wasLetGo = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const call = new AbortController();
  const output = serveTakeover(requests, call.signal, () => assert.fail("nothing is served"), 10);
  await assert.rejects(output.next(), (thrown) => thrown instanceof MosaicError && thrown.code === "DEADLINE");
  call.abort();
  await eventually("they are let go of", () => wasLetGo);
});

test("what comes in place of open is named", async () => {
  for (const [first, name] of [
    [keys("x"), "input"],
    [create(AttachTerminalRequestSchema), "an empty one"],
    [undefined, "the end"],
  ] as const) {
    async function* requests() {
      if (first) yield first;
    }
    const output = serveTakeover(requests(), never, () => assert.fail("nothing is served"));
    await assert.rejects(output.next(), new RegExp(`the first message must be open, not ${name}`));
  }
});
