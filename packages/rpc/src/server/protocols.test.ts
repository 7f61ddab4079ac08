import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { MosaicError, passThroughTracer, silentLog } from "@mosaic/core";
import { aHostStatus, anAgent, stubHandlers } from "@mosaic/testkit";
import {
  ErrorInfoSchema,
  FleetService,
  Health,
  ServerReflection,
  HealthCheckResponse_ServingStatus as ServingStatus,
  WatchResponseSchema,
} from "@mosaic/wire";
import { formatEndpoint } from "../endpoint.ts";
import { fromConnectError } from "../error-mapping.ts";
import { LiveStreams } from "./live-streams.ts";
import type { RpcServer } from "./rpc-server.ts";
import { serveFleet } from "./serve-fleet.ts";

const handlers = stubHandlers({
  list: async () => ({
    rows: [anAgent(), anAgent({ name: "z" })],
    hosts: [aHostStatus()],
    epoch: "e",
    rev: 7n,
    nextPageToken: "",
    isInconsistent: false,
  }),
  async send() {
    throw new MosaicError("AGENT_AMBIGUOUS", "which one?", {
      hint: "say which",
      candidates: [{ tenantId: "t", host: "h", name: "n" }],
    });
  },
  async *watch() {
    for (let rev = 1n; rev <= 100n; rev += 1n)
      yield create(WatchResponseSchema, { frame: { case: "upsert", value: anAgent() }, rev });
    throw new MosaicError("BUSY", "enough");
  },
});

/** Every way in which a client of some language may come. */
const clients: Record<string, (baseUrl: string) => Transport> = {
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
  "gRPC-Web over HTTP/1.1": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "gRPC-Web over HTTP/2": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "2" }),
  "gRPC-Web with JSON": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "Connect over HTTP/1.1": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  "Connect with JSON": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "Connect that takes gzip": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", compressMinBytes: 1 }),
};

describe("one server", () => {
  let server: RpcServer;
  let baseUrl: string;
  before(async () => {
    const listen = [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }] as const;
    server = await serveFleet({ handlers, streams: new LiveStreams(), listen, tracer: passThroughTracer, log: silentLog });
    baseUrl = formatEndpoint(server.endpoints[0] ?? listen[0]);
  });
  after(() => server[Symbol.asyncDispose]());

  for (const [name, transportTo] of Object.entries(clients)) {
    test(`answers ${name}: calls, streams, and errors with their details`, async () => {
      const client = createClient(FleetService, transportTo(baseUrl));
      const { agents, hosts, rev } = await client.list({});
      assert.deepEqual([agents.map((agent) => agent.name), hosts.length, rev], [["lead", "z"], 1, 7n]);
      const refused = await client
        .send({ agent: { name: "lead" }, messageId: "m", text: "x" })
        .catch((thrown: unknown) => thrown);
      assert.ok(refused instanceof ConnectError && refused.code === Code.FailedPrecondition);
      assert.equal(refused.findDetails(ErrorInfoSchema)[0]?.code, "AGENT_AMBIGUOUS");
      const error = fromConnectError(refused, "send");
      assert.deepEqual([error.message, error.hint, error.candidates.length], ["which one?", "say which", 1]);
      const revs: bigint[] = [];
      const ended = await (async () => {
        for await (const frame of client.watch({})) revs.push(frame.rev);
      })().catch((thrown: unknown) => thrown);
      assert.equal(revs.length, 100);
      assert.deepEqual([fromConnectError(ended, "watch").code, fromConnectError(ended, "watch").message], ["BUSY", "enough"]);
    });
  }

  test("says that it is healthy, as a whole and by service", async () => {
    const health = createClient(Health, createGrpcTransport({ baseUrl }));
    for (const service of ["", FleetService.typeName])
      assert.equal((await health.check({ service })).status, ServingStatus.SERVING);
    assert.deepEqual(Object.keys((await health.list({})).statuses).sort(), ["", FleetService.typeName]);
    const unknown = await health.check({ service: "x.Y" }).catch((thrown: unknown) => thrown);
    assert.ok(unknown instanceof ConnectError && unknown.code === Code.NotFound);
    for await (const { status } of health.watch({ service: "x.Y" })) {
      assert.equal(status, ServingStatus.SERVICE_UNKNOWN);
      break;
    }
  });

  test("describes itself, with everything a description needs", async () => {
    const sessionManager = new Http2SessionManager(baseUrl);
    const reflection = createClient(ServerReflection, createGrpcTransport({ baseUrl, sessionManager }));
    const asked = [
      { case: "listServices", value: "" },
      { case: "fileContainingSymbol", value: FleetService.typeName },
      { case: "fileContainingSymbol", value: "mosaic.fleet.v1.Agent" },
      { case: "fileContainingSymbol", value: `${FleetService.typeName}.Watch` },
      { case: "fileByFilename", value: "mosaic/fleet/v1/watch.proto" },
      { case: "fileContainingSymbol", value: "no.Such" },
      { case: "allExtensionNumbersOfType", value: "x" },
    ] as const;
    async function* requests() {
      for (const messageRequest of asked) yield { messageRequest };
    }
    const replies: string[] = [];
    for await (const { messageResponse } of reflection.serverReflectionInfo(requests())) {
      const files = messageResponse.case === "fileDescriptorResponse" ? messageResponse.value.fileDescriptorProto.length : 0;
      const services = messageResponse.case === "listServicesResponse" ? messageResponse.value.service.length : 0;
      replies.push(`${messageResponse.case} ${files > 1 || services}`);
    }
    const file = "fileDescriptorResponse true";
    assert.deepEqual(replies, ["listServicesResponse 3", file, file, file, file, "errorResponse 0", "errorResponse 0"]);
    sessionManager.abort();
  });
});
