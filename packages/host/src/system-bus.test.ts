import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { connectSystemBus } from "./system-bus.ts";

test("a host without a system bus is told so, by the path that was tried", async () => {
  await assert.rejects(
    connectSystemBus("unix:path=/nowhere/bus"),
    (thrown) => thrown instanceof MosaicError && thrown.code === "MACHINE" && /at \/nowhere\/bus: .*ENOENT/.test(thrown.message),
  );
});

test("a bus that takes the connection and says nothing is waited for no longer than the caller wants", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-bus-"));
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(join(folder, "bus"), resolve));
  await assert.rejects(
    connectSystemBus(`unix:guid=1,path=${join(folder, "bus")}`, AbortSignal.timeout(50)),
    /cannot reach the system bus/,
  );
  server.close();
  await rm(folder, { recursive: true });
});
