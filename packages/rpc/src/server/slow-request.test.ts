/** Who begins a call over HTTP/2 and never says all of it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { silentLog } from "@mosaic/core";
import { FleetService, InfoResponseSchema } from "@mosaic/wire";
import { createProtocolMux } from "./protocol-mux.ts";
import { requestListener } from "./request-listener.ts";

test("a request whose one message does not come is ended, and the next one is answered", { timeout: 20_000 }, async () => {
  const handle = requestListener({
    routes: (router) => void router.service(FleetService, { info: async () => create(InfoResponseSchema, {}) }),
    ...{ interceptors: [], log: silentLog, carrier: "tcp", shutdownSignal: new AbortController().signal, requestTimeoutMs: 200 },
  });
  const server = createProtocolMux({ handle, log: silentLog });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const session = connect(`http://127.0.0.1:${address.port}`);
  const call = () =>
    session.request({ ":method": "POST", ":path": "/mosaic.fleet.v1.FleetService/Info", "content-type": "application/json" });
  const slow = call();
  slow.on("error", () => {});
  slow.write("{");
  await new Promise((resolve) => slow.once("close", resolve));
  assert.equal(session.destroyed, false);
  const whole = call();
  whole.end("{}");
  const [headers] = await once(whole, "response");
  assert.equal(headers[":status"], 200);
  whole.resume();
  session.destroy();
  server.close();
});
