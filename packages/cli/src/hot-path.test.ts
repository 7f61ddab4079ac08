import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PACKAGES = fileURLToPath(new URL("../..", import.meta.url));

/** Every file that a file loads before anything is asked of it, and every module from elsewhere, with one who wants it. */
function loadedBy(...roots: string[]): { files: Set<string>; foreign: Map<string, string> } {
  const files = new Set<string>();
  const foreign = new Map<string, string>();
  const visit = (path: string) => {
    if (files.has(path)) return;
    files.add(path);
    for (const wanted of importsOf(path)) {
      const target = targetOf(wanted, path);
      if (target === undefined) foreign.set(wanted, relative(PACKAGES, path));
      else visit(target);
    }
  };
  for (const root of roots) visit(join(PACKAGES, root));
  return { files, foreign };
}

/** What is imported for its value; `import type` loads nothing, and `import()` only when it is called. */
function importsOf(path: string): string[] {
  const source = readFileSync(path, "utf8").replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
  return [...source.matchAll(/^(?:import|export) (?!type\b)(?:[^"'();]*? from )?"([^"]+)"/gm)].map(([, name = ""]) => name);
}

function targetOf(wanted: string, from: string): string | undefined {
  if (wanted.startsWith(".")) return join(dirname(from), wanted);
  const [, room, entry = ""] = /^@mosaic\/([a-z]+)(\/.*)?$/.exec(wanted) ?? [];
  if (room === undefined) return undefined;
  const { exports } = JSON.parse(readFileSync(join(PACKAGES, room, "package.json"), "utf8")) as {
    exports: Record<string, string>;
  };
  return join(PACKAGES, room, exports[`.${entry}`] ?? assert.fail(`${room} has no entry ${entry}`));
}

test("fleet ps asks a running daemon with Node's own modules and nothing else", () => {
  const { files, foreign } = loadedBy("cli/src/start-cli.ts", "cli/src/commands/fleet/ps.ts");
  assert.ok(files.size > 30, `saw only ${files.size} files`);
  // Each was measured: path, tty and util are in Node's own start; net is the socket itself. The bundle takes them without an
  // import, which would load all that they offer: see lightImports in tools/build.ts.
  const allowed = ["node:net", "node:os", "node:path", "node:tty", "node:util"];
  assert.deepEqual(
    [...foreign.keys()].filter((name) => !allowed.includes(name)).map((name) => `${name} for ${foreign.get(name)}`),
    [],
  );
});

test("mosaic --version asks for nothing but the version, and the launcher for nothing at its head", () => {
  const { files, foreign } = loadedBy("cli/src/main.ts");
  assert.deepEqual([...files].map((file) => relative(PACKAGES, file)).sort(), ["cli/src/main.ts", "cli/src/version.ts"]);
  assert.deepEqual([...foreign.keys()], []);
  assert.doesNotMatch(readFileSync(join(PACKAGES, "cli/bin/launch.mjs"), "utf8"), /^import /m);
});

test("fleet ps reads the manual of no other command", () => {
  const { files } = loadedBy("cli/src/start-cli.ts", "cli/src/commands/fleet/ps.ts");
  const tables = [...files].map((file) => relative(PACKAGES, file)).filter((file) => file.startsWith("cli/src/command-table/"));
  assert.deepEqual(tables.sort(), ["cli/src/command-table/commands-for.ts", "cli/src/command-table/fleet.ts"]);
});

test("the entries of whole rooms are not on the way of a short command", () => {
  const { files } = loadedBy(
    "cli/src/start-cli.ts",
    "cli/src/commands/fleet/ps.ts",
    "cli/src/commands/agent/send.ts",
    "cli/src/commands/host/list.ts",
  );
  const entries = [...files].map((file) => relative(PACKAGES, file)).filter((file) => /^[a-z]+\/src\/index\.ts$/.test(file));
  assert.deepEqual(entries, []);
});

test("this test can tell: what follows an agent's text does load a whole room, when it is asked to", () => {
  assert.ok(loadedBy("cli/src/remote/streams.ts").foreign.has("@connectrpc/connect"));
});
