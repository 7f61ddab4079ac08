import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileStore, silentLog } from "@mosaic/core";
import { settle } from "@mosaic/testkit";
import { openKnownHosts } from "./known-hosts.ts";

const beta = { tenantId: "team-a", hostId: "id-b", host: "beta", via: ["eu"] };
const gamma = { tenantId: "team-a", hostId: "id-c", host: "gamma", via: ["low", "eu"] };

/** One file, slow to write. */
function slowDisk(initial?: string) {
  const disk = { text: initial, writes: 0, isBroken: false };
  const files: FileStore = {
    read: async () => disk.text,
    async write(_path, text) {
      await settle();
      if (disk.isBroken) throw new Error("disk full");
      disk.text = text;
      disk.writes += 1;
    },
    remove: async () => {},
    list: async () => [],
  };
  return { disk, open: () => openKnownHosts({ files, log: silentLog, path: "/known-hosts.json" }) };
}

test("the hosts behind a member are there again after a restart, and a member that left is forgotten", async () => {
  const { open } = slowDisk();
  const first = await open();
  first.note("eu", [beta, { ...gamma, ...{ state: 3 } }]);
  first.note("us", [beta]);
  first.forget("us");
  await first[Symbol.asyncDispose]();
  const second = await open();
  assert.deepEqual([second.of("eu"), second.of("us")], [[beta, gamma], []]);
});

test("what did not change is not written, and many changes at once are few writes", async () => {
  const { open, disk } = slowDisk();
  const known = await open();
  for (let round = 0; round < 100; round += 1)
    known.note(
      "eu",
      Array.from({ length: round % 7 }, () => beta),
    );
  known.note("eu", [gamma, beta]);
  await known[Symbol.asyncDispose]();
  assert.equal(disk.writes, 2);
  known.note("eu", [beta, gamma]);
  await known[Symbol.asyncDispose]();
  assert.equal(disk.writes, 2);
});

test("one host that comes, moves or goes is noted by itself, and written only when that is news", async () => {
  const { open, disk } = slowDisk();
  const known = await open();
  known.note("eu", [beta]);
  known.add("eu", gamma);
  known.add("eu", { ...beta, via: ["other", "eu"] });
  assert.deepEqual(known.find("eu", gamma), gamma);
  known.remove("eu", gamma);
  await known[Symbol.asyncDispose]();
  const { writes } = disk;
  known.remove("eu", gamma);
  known.remove("us", gamma);
  known.add("eu", { ...beta, via: ["other", "eu"] });
  await known[Symbol.asyncDispose]();
  assert.equal(disk.writes, writes);
  const second = await open();
  assert.deepEqual([second.of("eu"), second.find("eu", gamma)], [[{ ...beta, via: ["other", "eu"] }], undefined]);
});

test("a file that is none, or of another version, is begun anew, and a full disk stops nothing", async () => {
  for (const text of ["", "{", "[]", '{"version":2,"members":{}}', '{"version":1}', "null"]) {
    const known = await slowDisk(text).open();
    assert.deepEqual(known.of("eu"), [], text);
  }
  const odd = await slowDisk(
    '{"version":1,"members":{"eu":[{"host":"x"},7,{"tenantId":"t","hostId":"i","host":"h"}],"us":3}}',
  ).open();
  assert.deepEqual([odd.of("eu"), odd.of("us")], [[{ tenantId: "t", hostId: "i", host: "h", via: [] }], []]);
  const { open, disk } = slowDisk();
  const known = await open();
  disk.isBroken = true;
  known.note("eu", [beta]);
  await known[Symbol.asyncDispose]();
  assert.deepEqual(known.of("eu"), [beta]);
  disk.isBroken = false;
  known.note("eu", [gamma]);
  await known[Symbol.asyncDispose]();
  assert.match(disk.text ?? "", /gamma/);
});
