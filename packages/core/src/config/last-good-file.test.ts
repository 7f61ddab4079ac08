import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeFiles, settle } from "@mosaic/testkit";
import { MosaicError } from "../errors.ts";
import { silentLog } from "../ports/log.ts";
import { type LastGoodFileOptions, openLastGoodFile } from "./last-good-file.ts";

const PATH = "/etc/fleet/number";
const options: LastGoodFileOptions<number> = {
  path: PATH,
  maxBytes: 100,
  parse: (text) => {
    if (!/^\d+$/.test(text)) throw new MosaicError("ROSTER_INVALID", `not a number: ${text}`);
    return Number(text);
  },
  missing: () => new MosaicError("ROSTER_INVALID", "no such file"),
};

async function opened(fields: Partial<LastGoodFileOptions<number>> = {}, files = new FakeFiles()) {
  files.write(PATH, "1");
  let changes = 0;
  const file = await openLastGoodFile(files, silentLog, { ...options, ...fields }, () => {
    changes += 1;
  });
  return { files, file, changes: () => changes };
}

test("a file that is missing or bad at the start is an error", async () => {
  const files = new FakeFiles();
  await assert.rejects(
    openLastGoodFile(files, silentLog, options, () => {}),
    /no such file/,
  );
  files.write(PATH, "x");
  await assert.rejects(
    openLastGoodFile(files, silentLog, options, () => {}),
    /not a number/,
  );
});

test("a changed file takes effect and is told", async () => {
  const { files, file, changes } = await opened();
  files.write(PATH, "2");
  await settle();
  assert.deepEqual([file.value, file.problem, changes()], [2, undefined, 1]);
});

test("a file gone bad, too large, unreadable or removed is a problem, and the last good value stays until a good one comes", async () => {
  const { files, file } = await opened();
  const spoil = [() => files.write(PATH, "x"), () => files.write(PATH, "1".repeat(101)), () => files.remove(PATH)];
  for (const [index, spoilt] of spoil.entries()) {
    spoilt();
    await settle();
    assert.deepEqual([file.value, file.problem instanceof MosaicError], [1 + index, true], `way ${index}`);
    files.write(PATH, String(2 + index));
    await settle();
    assert.deepEqual([file.value, file.problem], [2 + index, undefined], `way ${index}`);
  }
  files.failure = new Error("EIO");
  await file.reload();
  assert.deepEqual([file.value, file.problem?.message], [4, "EIO"]);
});

test("a value that may not replace the one in force is a problem", async () => {
  const { files, file } = await opened({
    assertMayReplace: (fresh, inForce) => {
      if (fresh < inForce) throw new MosaicError("ROSTER_INVALID", "may not shrink");
    },
  });
  files.write(PATH, "0");
  await settle();
  assert.deepEqual([file.value, file.problem?.message], [1, "may not shrink"]);
});

test("other files of the folder are none of its business, a change without a name may be", async () => {
  const { files, changes } = await opened();
  files.write("/etc/fleet/other", "9");
  await settle();
  assert.equal(changes(), 0);
});

test("of two changes at once the later content wins, also when the earlier read takes longer", async () => {
  // The first re-read answers, with what it found, only after the second could have.
  class SlowFiles extends FakeFiles {
    reads = 0;
    override async read(path: string, maxBytes: number): Promise<string | undefined> {
      this.reads += 1;
      const mine = this.reads;
      const text = await super.read(path, maxBytes);
      if (mine === 2) for (let turn = 0; turn < 5; turn += 1) await settle();
      return text;
    }
  }
  const { files, file } = await opened({}, new SlowFiles());
  const first = file.reload();
  await settle();
  files.write(PATH, "3");
  await settle();
  await first;
  for (let turn = 0; turn < 5; turn += 1) await settle();
  assert.equal(file.value, 3);
});

test("once disposed it follows no more", async () => {
  const { files, file, changes } = await opened();
  file[Symbol.dispose]();
  files.write(PATH, "2");
  await settle();
  assert.deepEqual([file.value, changes(), files.listenerCount("/etc/fleet")], [1, 0, 0]);
});
