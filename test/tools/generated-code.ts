import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, runScript, runSteps, runTool, type ToolResult } from "./run-tool.ts";

const validatePrinter = "packages/wire/tools/print-validate-proto.ts";
const rosterPrinter = "packages/core/tools/print-roster-schema.ts";
const rosterSchema = "framework/fleet/roster.schema.json";
const rosterCheckPrinter = "packages/core/tools/print-roster-check.ts";
const rosterCheck = "packages/core/src/gen/roster-check.ts";

/** Every file and folder that `npm run generate` writes, apart from the reference pages, which look after themselves. */
const generatedPaths = ["proto/buf/validate/validate.proto", "packages/wire/src/gen", rosterSchema, "packages/core/src/gen"];

/** Writes all generated code.
 *  @param target folder laid out like the clone; the clone itself to bring it up to date */
export function generateInto(target: string): Promise<ToolResult> {
  return runSteps(
    () => {
      // This printer writes to a place relative to its own: so it is run where the output is wanted.
      if (target !== root) cpSync(join(root, validatePrinter), join(target, validatePrinter));
      return runScript(join(target, validatePrinter));
    },
    () => runTool("buf", ["generate", "--output", target]),
    () => print(rosterPrinter, join(target, rosterSchema)),
    () => print(rosterCheckPrinter, join(target, rosterCheck)),
  );
}

async function print(script: string, path: string): Promise<ToolResult> {
  const printed = await runScript(script);
  if (printed.code !== 0) return printed;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, printed.output);
  return { code: 0, output: "" };
}

/** Generates everything anew in a temporary folder and compares.
 *  @returns how many files were compared, and in `output` those that differ; `code` is 1 when one does */
export async function checkGenerated(): Promise<ToolResult & { readonly files: number }> {
  mkdirSync(join(root, ".cache"), { recursive: true });
  // Inside the clone, where the printers find their imports.
  const target = mkdtempSync(join(root, ".cache", "generated-"));
  try {
    const result = await generateInto(target);
    if (result.code !== 0) return { ...result, files: 0 };
    const { files, differences } = compare(target, root, generatedPaths);
    return {
      code: differences.length === 0 ? 0 : 1,
      output: differences.map((path) => `not current: ${path}\n`).join(""),
      files,
    };
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** Compares files, and folders with all below them, byte by byte.
 *  @returns how many files there are on either side, and the paths of those that differ or are only on one */
export function compare(a: string, b: string, paths: readonly string[]): { files: number; differences: string[] } {
  const files = new Set(paths.flatMap((path) => [...filesAt(a, path), ...filesAt(b, path)]));
  const differences = [...files].filter((file) => {
    const [left, right] = [join(a, file), join(b, file)];
    return !existsSync(left) || !existsSync(right) || !readFileSync(left).equals(readFileSync(right));
  });
  return { files: files.size, differences: differences.sort() };
}

function filesAt(base: string, path: string): string[] {
  const full = join(base, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full, { withFileTypes: true }).flatMap((entry) => filesAt(base, `${path}/${entry.name}`));
}
