import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { interpreterOf, programFile } from "./program-files.ts";

const home = mkdtempSync(join(tmpdir(), "mosaic-program-files-"));
after(() => rmSync(home, { recursive: true, force: true }));

test("only what can be executed is a program", () => {
  mkdirSync(join(home, "own"));
  const put = (name: string, mode: number) => {
    writeFileSync(join(home, name), "");
    chmodSync(join(home, name), mode);
  };
  put("own/tool", 0o755);
  put("own/notes", 0o644);
  const path = `/nowhere:${home}/own`;
  assert.equal(programFile("tool", path), `${home}/own/tool`);
  assert.equal(programFile("notes", path), undefined);
  assert.equal(programFile("own", home), undefined, "a folder");
  assert.equal(programFile(`${home}/own/tool`, ""), `${home}/own/tool`);
});

test("a script names its interpreter, a program none", () => {
  const about = (text: string) => {
    writeFileSync(join(home, "script"), text);
    return interpreterOf(join(home, "script"));
  };
  assert.equal(about("#!/usr/bin/env node\n"), "node");
  assert.equal(about("#!/usr/bin/env -S node --no-warnings\n"), "node");
  assert.equal(about("#!/bin/sh\n"), undefined);
  assert.equal(about("\x7fELF"), undefined);
  assert.equal(interpreterOf(join(home, "gone")), undefined);
});
