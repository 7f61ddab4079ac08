import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { nameServer, srvData } from "./name-server-for-tests.ts";
import { srvLookup } from "./srv-lookup.ts";

const SERVICE = "_mosaic-node._tcp.example.org";

test("every address of every target is told, best first, and a target without one is left out", async () => {
  await using stack = new AsyncDisposableStack();
  const server = await nameServer(stack, {
    [`SRV ${SERVICE}`]: [
      srvData(10, 1, 8788, "beta.example.org"),
      srvData(1, 1, 8787, "alpha.example.org"),
      srvData(1, 0, 1, "gone.example.org"),
    ],
    "A alpha.example.org": [Buffer.from([127, 0, 0, 2])],
    "AAAA alpha.example.org": [Buffer.from("00000000000000000000000000000001", "hex")],
    "A beta.example.org": [Buffer.from([127, 0, 0, 3])],
  });
  assert.deepEqual(await srvLookup([server])(SERVICE, AbortSignal.timeout(20_000)), [
    { target: "alpha.example.org", address: "127.0.0.2", port: 8787 },
    { target: "alpha.example.org", address: "::1", port: 8787 },
    { target: "beta.example.org", address: "127.0.0.3", port: 8788 },
  ]);
});

test("a name that is not there, and targets without any address, are errors and no empty answer", async () => {
  await using stack = new AsyncDisposableStack();
  const server = await nameServer(stack, { [`SRV ${SERVICE}`]: [srvData(1, 1, 8787, "gone.example.org")] });
  const lookUp = srvLookup([server]);
  await assert.rejects(lookUp("_other._tcp.example.org", AbortSignal.timeout(20_000)), /ENOTFOUND/);
  await assert.rejects(lookUp(SERVICE, AbortSignal.timeout(20_000)), /ENOTFOUND gone\.example\.org/);
});

test("a look-up whose signal aborts ends at once", async () => {
  const silent = createSocket("udp4");
  await new Promise<void>((resolve) => silent.bind(0, "127.0.0.1", resolve));
  const stop = new AbortController();
  const asked = srvLookup([`127.0.0.1:${silent.address().port}`])(SERVICE, stop.signal);
  silent.once("message", () => stop.abort());
  await assert.rejects(asked, /ECANCELLED/);
  silent.close();
});
