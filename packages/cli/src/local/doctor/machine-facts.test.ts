import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { memoryIo } from "../../io/memory-io.ts";
import { machineFacts, openFilesLimitIn } from "./machine-facts.ts";

test("the limit of open files is the soft one", () => {
  const limits = "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ";
  assert.equal(openFilesLimitIn(`${limits}1024                 524288               files     \n`), 1024);
  assert.equal(openFilesLimitIn(`${limits}unlimited            unlimited            files     \n`), Number.MAX_SAFE_INTEGER);
  assert.equal(openFilesLimitIn(undefined), undefined);
});

test("somebody who listens is seen, and nobody is not", async () => {
  const { isListening } = machineFacts(memoryIo());
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  assert.equal(await isListening("127.0.0.1", port), true);
  assert.equal(await isListening("0.0.0.0", port), true);
  server.close();
  await once(server, "close");
  assert.equal(await isListening("127.0.0.1", port), false);
});

test("this machine can be asked", () => {
  const machine = machineFacts(memoryIo());
  assert.ok(machine.disk("/tmp").totalBytes > 0);
  assert.equal(machine.networkFileSystem("/proc"), undefined);
});
