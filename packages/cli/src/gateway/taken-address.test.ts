import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { isListening } from "../local/is-listening.ts";
import { takenAddressNote } from "./taken-address.ts";

const NOBODY = { isRunning: false, record: undefined };

test("a port that another tenant's node has is told before the daemon fails there, with what to type", async (context) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  const { port } = server.address() as { port: number };
  const address = `http://127.0.0.1:${port}`;
  const note = await takenAddressNote(address, "node", NOBODY, isListening);
  assert.equal(
    note,
    `another program listens at ${address}, and mosaic-node does not start while it does: mosaic gateway install --role node --host 127.0.0.1 --port <another>; who it is: ss -ltnp 'sport = :${port}'`,
  );
  const own = { isRunning: true, record: { pid: 42, endpoints: [address] } };
  assert.equal(await takenAddressNote(address, "node", own, isListening), undefined);
  // What it wrote of itself outlives a daemon that was killed.
  assert.equal(await takenAddressNote(address, "node", { ...own, isRunning: false }, isListening), note);
});

test("a port that is free is nothing to talk about", async () => {
  assert.equal(await takenAddressNote("http://127.0.0.1:8787", "node", NOBODY, async () => false), undefined);
  assert.equal(await takenAddressNote("unix:/run/x.sock", "node", NOBODY, async () => true), undefined);
});
