/** Shows of each rule that biome.json switches on by name that it fires where it should, and is silent where it need not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root, runTool } from "./run-tool.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const promise = "async function later(): Promise<void> {}\n";

/** A file that offends against one rule, which is named beside it; without a name it must please the linter. */
const files: Record<string, [text: string, rule?: string]> = {
  "packages/core/src/reads-files.ts": [
    'import { readFile } from "node:fs/promises";\nexport { readFile };\n',
    "noRestrictedImports",
  ],
  "packages/core/src/takes-types.ts": ['import type { Stats } from "node:fs";\nexport type S = Stats;\n', "noRestrictedImports"],
  "packages/core/src/asks-the-time.ts": ["export const now = Date.now();\n", "noRestrictedGlobals"],
  "packages/core/src/asks-the-process.ts": ["export const id = process.pid;\n", "noRestrictedGlobals"],
  "packages/node/src/starts-programs.ts": [
    'import { spawn } from "node:child_process";\nexport { spawn };\n',
    "noRestrictedImports",
  ],
  "packages/cli/src/imports-an-app.ts": ['import { a } from "@mosaic/node";\nexport { a };\n', "noRestrictedImports"],
  "packages/rpc/src/imports-a-fake.ts": ['import { a } from "@mosaic/testkit";\nexport { a };\n', "noRestrictedImports"],
  "packages/host/src/undeclared.ts": ['import { parse } from "yaml";\nexport { parse };\n', "noUndeclaredDependencies"],
  "packages/host/src/floats.ts": [`${promise}export function f(): void {\n  later();\n}\n`, "noFloatingPromises"],
  "packages/host/src/misused.ts": [
    `${promise}export function f(list: string[]): void {\n  list.forEach(async () => {\n    await later();\n  });\n}\n`,
    "noMisusedPromises",
  ],
  "packages/host/src/nameless.ts": ["export default 1;\n", "noDefaultExport"],
  "packages/host/src/notKebab.ts": ["export const a = 1;\n", "useFilenamingConvention"],
  "packages/host/src/anything.ts": ["export const a: any = 1;\n", "noExplicitAny"],
  "packages/host/src/surely.ts": ["export const f = (a: string | undefined): string => a!;\n", "noNonNullAssertion"],
  "packages/host/src/cycle-a.ts": ['import { b } from "./cycle-b.ts";\nexport const a = () => b;\n', "noImportCycles"],
  "packages/host/src/cycle-b.ts": [
    'import type { C } from "./cycle-c.ts";\nexport const b = (): C | undefined => undefined;\n',
    "noImportCycles",
  ],
  "packages/host/src/cycle-c.ts": [
    'import { a } from "./cycle-a.ts";\nexport const c = () => a;\nexport type C = typeof c;\n',
    "noImportCycles",
  ],
  "packages/host/src/enumerates.ts": ["export enum A {\n  B,\n}\n", "noEnum"],
  "packages/host/src/shorthand.ts": ["export class A {\n  constructor(readonly b: string) {}\n}\n", "noParameterProperties"],
  "packages/host/src/starts-programs.ts": ['import { spawn } from "node:child_process";\n\nexport const start = spawn;\n'],
  "packages/core/src/knows-the-contract.ts": ['import type { A } from "@mosaic/wire";\n\nexport type B = A;\n'],
  "packages/core/src/asks.test.ts": [
    'import { readFileSync } from "node:fs";\n\nexport const now = [Date.now(), readFileSync];\n',
  ],
};

test("each restriction fires where it should, and nowhere else", async () => {
  const manifest = JSON.stringify({
    name: "x",
    dependencies: { "@mosaic/core": "1", "@mosaic/wire": "1", "@mosaic/node": "1", "@mosaic/testkit": "1" },
  });
  using folder = temporaryFolder({ "biome.json": readFileSync(join(root, "biome.json"), "utf8"), "package.json": manifest });
  for (const room of ["core", "host", "node", "cli", "rpc"]) folder.write(`packages/${room}/package.json`, manifest);
  for (const [path, [text]] of Object.entries(files)) folder.write(path, text);

  const { output } = await runTool("biome", [
    "lint",
    "--vcs-enabled=false",
    "--config-path",
    folder.path,
    "--reporter=github",
    "--max-diagnostics=none",
    folder.path,
  ]);
  const found = Object.fromEntries(Object.keys(files).map((path) => [path, new Set<string>()]));
  for (const [, rule = "", path = ""] of output.matchAll(/title=lint\/\w+\/(\w+),file=[^,]*?(packages\/[^,]+)/g))
    found[path]?.add(rule);
  const expected = Object.fromEntries(
    Object.entries(files).map(([path, [, rule]]) => [path, new Set(rule === undefined ? [] : [rule])]),
  );
  assert.deepEqual(found, expected, output);
});
