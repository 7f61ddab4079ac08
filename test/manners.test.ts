/** Holds the architecture: each rule is run on the clone as it is, where it must find nothing, and on something that breaks
 *  it, which it must find. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { longFiles, machinePaths, namelessExports, purposeProblems } from "./tools/manners/file-rules.ts";
import { forbiddenImports, importCycles, packageProblems } from "./tools/manners/import-rules.ts";
import { documentedTableProblems, linterTableProblems, reasonProblems, roomProblems } from "./tools/manners/table-rules.ts";
import { readWorkspace, type Workspace } from "./tools/manners/workspace.ts";

const workspace = readWorkspace(join(import.meta.dirname, ".."));

const rules: Record<string, (workspace: Workspace) => string[]> = {
  "every import follows the table of rooms": forbiddenImports,
  "no room has an import cycle between its files": importCycles,
  "each package.json declares what the room imports, and nothing else": packageProblems,
  "the table names the rooms that are there, and no other": roomProblems,
  "every forbidden edge has its reason": reasonProblems,
  "docs/architecture.md tells the same table": documentedTableProblems,
  "biome.json restricts imports by the same table": linterTableProblems,
  "every room says what it is for": purposeProblems,
  "no file is too long to be one idea": longFiles,
  "every export has a name": namelessExports,
  "no file names a path of one machine": machinePaths,
};

describe("the clone", () => {
  for (const [claim, rule] of Object.entries(rules)) test(claim, () => assert.deepEqual(rule(workspace), []));

  test("is not empty to these rules", () => {
    assert.ok(workspace.rooms.length >= 9 && workspace.files.size > 100);
  });
});

/** A clone of a few files. */
function clone(files: Record<string, string>, manifest: object = {}): Workspace {
  const rooms = [...new Set(Object.keys(files).flatMap((path) => /^packages\/([^/]+)\//.exec(path)?.[1] ?? []))];
  return { rooms, manifests: Object.fromEntries(rooms.map((room) => [room, manifest])), files: new Map(Object.entries(files)) };
}

function inRoom(room: string, text: string, name = "x.ts"): Workspace {
  return clone({ [`packages/${room}/src/${name}`]: text });
}

const offences: [name: string, rule: (workspace: Workspace) => string[], workspace: Workspace, problem: RegExp][] = [
  [
    "core reads a file",
    forbiddenImports,
    inRoom("core", 'import { readFileSync } from "node:fs";\n'),
    /core may not import node:fs: it is pure/,
  ],
  ["core takes a type of node's", forbiddenImports, inRoom("core", 'import type { Stats } from "node:fs";\n'), /node:fs/],
  [
    "core reads a file over several lines",
    forbiddenImports,
    inRoom("core", 'import {\n  readFile,\n} from "node:fs/promises";\n'),
    /node:fs/,
  ],
  ["core imports for effect", forbiddenImports, inRoom("core", 'import "node:fs";\n'), /node:fs/],
  ["core exports on", forbiddenImports, inRoom("core", 'export { readFile } from "node:fs";\n'), /node:fs/],
  [
    "core imports host",
    forbiddenImports,
    inRoom("core", 'import { exec } from "@mosaic/host";\n'),
    /core may not import host: core decides/,
  ],
  [
    "core imports host later",
    forbiddenImports,
    inRoom("core", 'const m = await import("@mosaic/host");\n'),
    /core may not import host/,
  ],
  [
    "core names host's types in place",
    forbiddenImports,
    inRoom("core", 'type A = import("@mosaic/host").Exec;\n'),
    /core may not import host/,
  ],
  ["core leaves by path", forbiddenImports, inRoom("core", 'import { a } from "../../host/src/a.ts";\n'), /leaves its room/],
  [
    "node starts a process",
    forbiddenImports,
    inRoom("node", 'import { spawn } from "node:child_process";\n'),
    /only host starts processes/,
  ],
  [
    "node starts one by the back door",
    forbiddenImports,
    inRoom("node", 'process.getBuiltinModule("node:child_process");\n'),
    /only host/,
  ],
  [
    "node requires",
    forbiddenImports,
    inRoom("node", 'const { spawn } = require("node:child_process");\n'),
    /only host starts processes/,
  ],
  [
    "node opens a socket",
    forbiddenImports,
    inRoom("node", 'import { connect } from "node:net";\n'),
    /sockets are rpc's and host's/,
  ],
  ["cli speaks HTTP itself", forbiddenImports, inRoom("cli", 'import { request } from "node:http";\n'), /requests are rpc's/],
  [
    "cli imports an app",
    forbiddenImports,
    inRoom("cli", 'import { startNode } from "@mosaic/node";\n'),
    /apps never import each other/,
  ],
  [
    "a part of node takes the real host",
    forbiddenImports,
    inRoom("node", 'import { exec } from "@mosaic/host";\n'),
    /take a port instead/,
  ],
  [
    "the CLI's hot path takes the real host",
    forbiddenImports,
    inRoom("cli", 'import { exec } from "@mosaic/host";\n', "cli.ts"),
    /take a port/,
  ],
  [
    "product code imports a fake",
    forbiddenImports,
    inRoom("rpc", 'import { fakeClock } from "@mosaic/testkit";\n'),
    /must not lean on a fake/,
  ],
  ["a builtin without its prefix", forbiddenImports, inRoom("host", 'import { readFile } from "fs";\n'), /write "node:fs"/],
  ["something computed", forbiddenImports, inRoom("cli", "const m = await import(name);\n"), /computed/],
  [
    "something computed in a template",
    forbiddenImports,
    inRoom("cli", "await import(`./commands/$" + "{name}.ts`);\n"),
    /computed/,
  ],
  ["a room imports itself by name", forbiddenImports, inRoom("core", 'import { a } from "@mosaic/core";\n'), /its own room/],
  [
    "a cycle",
    importCycles,
    clone({
      "packages/core/src/a.ts": 'import { b } from "./b/b.ts";\n',
      "packages/core/src/b/b.ts": 'import type { C } from "../c.ts";\n',
      "packages/core/src/c.ts": 'export { a } from "./a.ts";\n',
    }),
    /^import cycle: packages\/core\/src\/a.ts -> .*b.ts -> .*c.ts -> packages\/core\/src\/a.ts$/,
  ],
  [
    "an undeclared library",
    packageProblems,
    inRoom("rpc", 'import { a } from "@connectrpc/connect/protocol";\n'),
    /connect is imported, not/,
  ],
  [
    "an unused library",
    packageProblems,
    clone({ "packages/rpc/src/x.ts": "" }, { dependencies: { yaml: "2.9.1" } }),
    /packages\/rpc\/package.json: yaml is not imported/,
  ],
  ["a room without rules", roomProblems, inRoom("attic", ""), /packages\/attic: is not in the table/],
  ["rules without a room", roomProblems, inRoom("core", ""), /names? the room testkit, which is gone/],
  ["a table that isn't told", documentedTableProblems, clone({}), /core may import "\(no such row\)", not "wire"/],
  [
    "a table told otherwise",
    documentedTableProblems,
    clone({ "docs/architecture.md": "| `packages/core` | rules | wire, host |\n" }),
    /core may import "host, wire", not "wire"/,
  ],
  ["a linter of another mind", linterTableProblems, clone({ "biome.json": '{ "overrides": [] }' }), /lets core import /],
  [
    "a room without a purpose",
    purposeProblems,
    clone({ "packages/core/src/index.ts": "export {};\n" }),
    /does not open with a doc comment/,
  ],
  ["a room without a description", purposeProblems, clone({ "packages/core/src/index.ts": "" }), /has no description/],
  ["a room without a surface", purposeProblems, clone({ "packages/core/src/a.ts": "" }), /has no src\/index.ts or src\/main.ts/],
  ["a long file", longFiles, inRoom("core", "\n".repeat(351)), /has 351 lines/],
  ["export *", namelessExports, inRoom("core", 'export * from "./a.ts";\n'), /export \* hides/],
  ["a default export", namelessExports, inRoom("core", "export default 1;\n"), /default export/],
  ["a default export by the side door", namelessExports, inRoom("core", "export { a as default };\n"), /default export/],
  ["somebody's home", machinePaths, clone({ "docs/a.md": `see ${"/home"}/jane/notes\n` }), /a path of one machine/],
  ["root's home", machinePaths, clone({ "a.ts": `read("${"/root"}/.npmrc")\n` }), /a path of one machine/],
];

describe("each rule finds its offence:", () => {
  for (const [name, rule, broken, problem] of offences) {
    test(name, () =>
      assert.match(rule(broken).find((line) => problem.test(line)) ?? `found only ${JSON.stringify(rule(broken))}`, problem),
    );
  }

  test("and every rule has one, but the one about the table itself", () => {
    const shown = new Set(offences.map(([, rule]) => rule));
    assert.deepEqual(
      Object.values(rules).filter((rule) => !shown.has(rule)),
      [reasonProblems],
    );
  });
});

test("what the rules allow is not reported", () => {
  const innocent = clone({
    "packages/core/src/a.ts":
      '/** Like `import("@mosaic/host")`. */\n// import { x } from "node:fs";\nimport type { A } from "@mosaic/wire";\nimport { b } from "./b.ts";\n',
    "packages/core/src/b.ts": 'const load = () => import("./a.ts");\n',
    "packages/core/src/b.test.ts": 'import { readFile } from "node:fs";\n',
    "packages/host/src/exec.ts": 'import { spawn } from "node:child_process";\n',
    "packages/node/src/main.ts": 'import { exec } from "@mosaic/host";\nimport { join } from "node:path";\n',
    "packages/cli/src/remote/hot-path.ts": 'import { connect } from "node:net";\n',
  });
  assert.deepEqual([...forbiddenImports(innocent), ...importCycles(innocent), ...namelessExports(innocent)], []);
});
