import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "@mosaic/core";
import { createFleetCa, fixedIdentity, issueLeaf, newKey, publicKeyOf } from "@mosaic/identity";
import { createProtocolMux } from "./protocol-mux.ts";
import { createTlsListener } from "./tls-listener.ts";

test("a port with TLS takes as many connections as one without, and no more", async () => {
  const ca = await createFleetCa("acme", Date.now());
  const key = newKey();
  const name = { kind: "aggregator", fleet: "acme", id: "agg-1" } as const;
  const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity: name, nowUnixMs: Date.now() });
  const credentials = { identity: name, key, chain: [leaf, ca.intermediate.certificate] };
  const identity = fixedIdentity({ fleet: "acme", roots: [ca.root.certificate] }, credentials);
  const mux = createProtocolMux({ handle: () => {}, log: silentLog });
  const listener = createTlsListener({ identity, mux, log: silentLog });
  assert.deepEqual([listener.maxConnections, mux.maxConnections], [20_000, 20_000]);
  listener.emit("close");
});
