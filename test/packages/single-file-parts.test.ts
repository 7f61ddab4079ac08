/** What a single file does before any program of it runs; test/packages/single-file.test.ts has the file itself. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { archiveOf } from "../../packages/cli/tools/single-file-archive.ts";
import { CacheRefused, unpackedFolder } from "../../packages/cli/tools/single-file-cache.ts";
import { withElfNote } from "../../packages/cli/tools/single-file-elf.ts";
import { programOf } from "../../packages/cli/tools/single-file-program.ts";
import { temporaryFolder } from "../tools/temporary-folder.ts";

describe("which program of a single file runs", () => {
  test("is told by the first word, then by the name it was started by", () => {
    const nameOf = (startedAs: string, ...words: string[]) => {
      const { program, args } = programOf(startedAs, words);
      return [program.kind === "program" ? program.name : program.path, ...args];
    };
    assert.deepEqual(nameOf("/opt/mosaic-1.2.3-linux-x64", "fleet", "ps"), ["mosaic", "fleet", "ps"]);
    assert.deepEqual(nameOf("bin/mosaic-node", "--version"), ["mosaic-node", "--version"]);
    assert.deepEqual(nameOf("mosaic-node", "mosaic-aggregator", "--version"), ["mosaic-aggregator", "--version"]);
    assert.deepEqual(nameOf("mosaic", "/opt/mosaic/stub-agent.mjs", "--x"), ["/opt/mosaic/stub-agent.mjs", "--x"]);
    assert.deepEqual(nameOf("mosaic", "relative.mjs"), ["mosaic", "relative.mjs"]);
  });
});

describe("what a single file unpacks", () => {
  function machine() {
    const folder = temporaryFolder({ "stage/dist/a.mjs": "export {};\n", "stage/framework/run": "#!/bin/sh\n" });
    chmodSync(join(folder.path, "stage/framework/run"), 0o755);
    const { index, content } = archiveOf(join(folder.path, "stage"), "1.2.3");
    let unpackCount = 0;
    const place = {
      ...{ env: { HOME: folder.path } as Record<string, string>, userId: process.getuid?.() ?? 0, bootId: "boot-1" },
      nowUnixMs: Date.now(),
    };
    const meanwhile: (() => void)[] = [];
    const read = () => {
      unpackCount += 1;
      meanwhile.pop()?.();
      return content;
    };
    const open = (more: Partial<typeof place> = {}) => unpackedFolder(index, read, { ...place, ...more });
    const cache = join(folder.path, ".cache/mosaic");
    return {
      open,
      cache,
      meanwhile,
      count: () => unpackCount,
      path: folder.path,
      [Symbol.dispose]: () => folder[Symbol.dispose](),
    };
  }

  test("is unpacked once, whole, with its modes, and found again", () => {
    using it = machine();
    const folder = it.open();
    assert.deepEqual([it.open(), it.count()], [folder, 1]);
    assert.equal(readFileSync(join(folder, "dist/a.mjs"), "utf8"), "export {};\n");
    assert.deepEqual(
      ["", "dist/a.mjs", "framework/run"].map((path) => statSync(join(folder, path)).mode & 0o777),
      [0o700, 0o600, 0o700],
    );
    assert.deepEqual(readdirSync(it.cache).length, 1);
  });

  test("is unpacked anew when its content is another after a boot, and is only looked at by size within one", () => {
    using it = machine();
    const file = join(it.open(), "dist/a.mjs");
    writeFileSync(file, "EXPORT {};\n");
    it.open();
    assert.equal(it.count(), 1);
    it.open({ bootId: "boot-2" });
    assert.deepEqual([readFileSync(file, "utf8"), it.count()], ["export {};\n", 2]);
    it.open({ bootId: "boot-3" });
    assert.equal(it.count(), 2);
  });

  test("that another process unpacked meanwhile stays, since that one runs from it", () => {
    using it = machine();
    let inode = 0;
    it.meanwhile.push(() => {
      inode = statSync(it.open()).ino;
    });
    assert.deepEqual([statSync(it.open()).ino, it.count()], [inode, 2]);
    assert.equal(readdirSync(it.cache).length, 1);
  });

  test("is not run where others may write, where it belongs to somebody else, or behind a link", () => {
    using it = machine();
    const folder = it.open();
    chmodSync(it.cache, 0o777);
    assert.throws(() => it.open(), { name: "CacheRefused", message: /others may write there/, hint: `chmod 700 ${it.cache}` });
    chmodSync(it.cache, 0o700);
    assert.throws(() => it.open({ userId: 4711 }), { name: "CacheRefused", message: /belongs to user \d+, and this is 4711/ });
    using other = machine();
    mkdirSync(join(other.path, ".cache"));
    symlinkSync(join(folder, ".."), join(other.path, ".cache/mosaic"));
    assert.throws(() => other.open(), CacheRefused);
  });

  test("goes where something can be written, and says why it can't anywhere", () => {
    using it = machine();
    const env = { HOME: "/proc/nowhere", XDG_RUNTIME_DIR: it.path };
    assert.ok(it.open({ env }).startsWith(join(it.path, "mosaic/1.2.3-")));
  });

  test("of other versions is removed a month after its last use, and what was left half unpacked after an hour", () => {
    using it = machine();
    const monthAgo = Date.now() / 1000 - 31 * 86_400;
    for (const name of ["0.9.0-old", "0.9.1-used"]) {
      mkdirSync(join(it.cache, name), { recursive: true, mode: 0o700 });
      writeFileSync(join(it.cache, name, ".verified-in-boot"), "boot-0");
    }
    utimesSync(join(it.cache, "0.9.0-old/.verified-in-boot"), monthAgo, monthAgo);
    mkdirSync(join(it.cache, ".unpacking-dead"));
    utimesSync(join(it.cache, ".unpacking-dead"), monthAgo, monthAgo);
    chmodSync(it.cache, 0o700);
    it.open();
    assert.deepEqual(
      readdirSync(it.cache).map((name) => name.slice(0, 5)),
      ["0.9.1", "1.2.3"],
    );
  });
});

test("a note goes into a 64-bit ELF program and into nothing else", () => {
  assert.throws(() => withElfNote(Buffer.alloc(200), "NODE_SEA_BLOB", Buffer.from("x")), /no 64-bit little-endian ELF program/);
});
