import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileStore, type MembershipRecord, MosaicError, silentLog } from "@mosaic/core";
import { eventually } from "@mosaic/testkit";
import { fileRecordMemory } from "./record-memory.ts";

const record: MembershipRecord = {
  ...{ role: "node", tenantId: "team-a", name: "beta", hostId: "", addresses: ["unix:/beta"], state: "expected" },
  ...{ reason: "", changedBy: "desk:ada", changedAtUnixMs: 1, rev: 7 },
};

function aFile(text?: string) {
  const file = { text, writes: 0, refusal: undefined as MosaicError | undefined };
  const files: FileStore = {
    read: async () => file.text,
    async write(_path, fresh) {
      file.writes += 1;
      if (file.refusal) throw file.refusal;
      file.text = fresh;
    },
    remove: async () => {},
    list: async () => [],
  };
  return { file, memory: fileRecordMemory(files, "/known.json", silentLog) };
}

test("what is saved is loaded, as older than anything that the store has", async () => {
  const { file, memory } = aFile();
  assert.equal(await memory.load(), undefined);
  memory.save([]);
  memory.save([record]);
  await eventually("the newest is written", () => file.text?.includes("beta"));
  assert.deepEqual(await memory.load(), [{ ...record, rev: 0 }]);
});

test("a file that can't be read or written is no more than a line in the log", async () => {
  const { file, memory } = aFile("{ half");
  assert.equal(await memory.load(), undefined);
  file.refusal = new MosaicError("MACHINE", "no space left");
  memory.save([record]);
  await eventually("it was tried", () => file.writes === 1);
  file.text = JSON.stringify({ version: 2, records: [record] });
  assert.equal(await memory.load(), undefined);
});
