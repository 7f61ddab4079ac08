import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Names what of `framework/` is handed to hosts: every file but its tests and what only they use (`test-….mjs`).
 *  @returns paths relative to the clone, sorted
 *  @throws Error for a TypeScript file that isn't a test's: Node runs none below node_modules */
export function frameworkFiles(root: string): string[] {
  const names = readdirSync(join(root, "framework"), { recursive: true, encoding: "utf8" });
  const files = names.map((name) => `framework/${name}`).filter((path) => statSync(join(root, path)).isFile());
  const shipped = files.filter((path) => !isForTests(path)).sort();
  const source = shipped.find((path) => path.endsWith(".ts"));
  if (source !== undefined) throw new Error(`cannot ship ${source}: Node runs no TypeScript below node_modules`);
  return shipped;
}

/** Whether a file is a test, or is there for tests alone. */
export function isForTests(path: string): boolean {
  return /\.test\.\w+$|(^|\/)test-[^/]*$/.test(path);
}
