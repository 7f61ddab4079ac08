import assert from "node:assert/strict";
import { test } from "node:test";
import { formatEnrolmentFile } from "@mosaic/identity";
import { defaultListen } from "./default-listen.ts";

const noFiles = { read: async () => undefined, write: async () => {}, remove: async () => {}, list: async () => [] };

test("a second tenant of a host gets the next port, and a home that joins again the one it had", async () => {
  const asked: number[] = [];
  const isFree = async (port: number) => asked.push(port) > 2;
  assert.deepEqual(await defaultListen(noFiles, "/m", isFree), ["0.0.0.0:8789"]);
  assert.deepEqual(asked, [8787, 8788, 8789]);
  const file = formatEnrolmentFile({ fleet: "acme", addresses: ["a:1"], listen: ["https://0.0.0.0:8788"], dialOut: "" });
  assert.deepEqual(await defaultListen({ ...noFiles, read: async () => file }, "/m", isFree), ["https://0.0.0.0:8788"]);
  await assert.rejects(
    defaultListen(noFiles, "/m", async () => false),
    { code: "MACHINE" },
  );
});
