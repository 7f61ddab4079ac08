import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { checkBreaking, countProtoFiles } from "./buf-checks.ts";
import { type LockEntry, missingEntries } from "./complete-lockfile.ts";
import { checkGenerated } from "./generated-code.ts";
import { root, runScript, runTool, type ToolResult } from "./run-tool.ts";

/** One thing that `npm run check` looks at. */
export interface Checker {
  readonly name: string;
  /** The command that shows or mends what it finds. */
  readonly repeat: string;
  run(): Promise<CheckResult>;
}

/** How a check went. A check that saw fewer files than there are has not passed, whatever its code: a tool that is pointed at
 *  nothing finds nothing. */
export interface CheckResult extends ToolResult {
  /** How many it saw. */
  readonly files: number;
  /** How many it must have seen. Default 1. */
  readonly atLeast?: number;
}

const isInCi = process.env.CI === "true";
const biomeArguments = ["ci", "--colors=off", "--error-on-warnings", "--max-diagnostics=20"];
const knipArguments = [
  "--no-progress",
  "--no-config-hints",
  "--reporter",
  "symbols",
  "--reporter",
  "./test/tools/knip-counter.mjs",
];

/** All checks, the long ones first. */
export const CHECKERS: readonly Checker[] = [
  { name: "types", repeat: "npx tsc -b", run: checkTypes },
  { name: "knip", repeat: "npx knip", run: () => onCode(runTool("knip", knipArguments)) },
  { name: "biome", repeat: "npx biome check --write", run: () => onCode(runTool("biome", biomeArguments)) },
  { name: "generated", repeat: "npm run generate", run: checkGenerated },
  { name: "docs", repeat: "npm run generate", run: checkDocs },
  { name: "buf-lint", repeat: "npx buf lint", run: () => onProtoFiles(runTool("buf", ["lint"])) },
  {
    name: "buf-format",
    repeat: "npx buf format --write",
    run: () => onProtoFiles(runTool("buf", ["format", "--diff", "--exit-code"])),
  },
  { name: "buf-breaking", repeat: "npm run check -- buf-breaking", run: () => onProtoFiles(checkBreaking()) },
  { name: "lockfile", repeat: "node test/tools/complete-lockfile.ts", run: checkLockfile },
];

/** Takes the number of files from what the tool printed: `Checked 12 files`. */
function withPrintedCount(result: ToolResult): CheckResult {
  return { ...result, files: Number(/^checked (\d+) files?/im.exec(result.output)?.[1] ?? 0) };
}

/** Holds the number that a tool printed against the code that is there. */
async function onCode(running: Promise<ToolResult>): Promise<CheckResult> {
  const [code, result] = await Promise.all([codeFiles(), running]);
  return { ...withPrintedCount(result), atLeast: code.filter((path) => !/^packages\/(wire|core)\/src\/gen\//.test(path)).length };
}

/** Lists the TypeScript and JavaScript files that git knows or would add. */
async function codeFiles(): Promise<string[]> {
  const { output } = await runTool("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.mjs"]);
  return output.split("\n").filter((path) => path !== "" && existsSync(join(root, path)));
}

async function onProtoFiles(running: Promise<ToolResult>): Promise<CheckResult> {
  const [files, result] = await Promise.all([countProtoFiles(), running]);
  return { ...result, files };
}

/** Checks the types of every project that tsconfig.json names. In CI nothing of an earlier run is believed. */
async function checkTypes(): Promise<CheckResult> {
  const { code, output } = await runTool("tsc", ["-b", "--pretty", "false", ...(isInCi ? ["--force"] : [])]);
  const seen = typeCheckedFiles();
  const unseen = (await codeFiles()).filter((path) => path.endsWith(".ts") && !seen.has(path));
  const hints = unseen.map((path) => `in no project of tsconfig.json: ${path}\n`);
  return { code: unseen.length === 0 ? code : 1, output: output + hints.join(""), files: seen.size };
}

/** Lists the sources that the compiler noted as read, over all projects. Declarations made from another project's sources
 *  are left out. */
function typeCheckedFiles(): Set<string> {
  const notes = globSync(["packages/*/dist/types/tsconfig.tsbuildinfo", "test/tsconfig.tsbuildinfo"], { cwd: root });
  const sources = notes.flatMap((note) => {
    // A project that emits nothing notes its own files in `root`; in the others `root` holds only numbers.
    const { fileNames = [], root: own = [] }: { fileNames?: string[]; root?: unknown[] } = JSON.parse(
      readFileSync(join(root, note), "utf8"),
    );
    const names = [...fileNames, ...own.filter((name) => typeof name === "string")];
    const paths = names.map((name) => relative(root, resolve(root, dirname(note), name)));
    return paths.filter((path) => !/(^|\/)(dist|node_modules)\//.test(path));
  });
  return new Set(sources);
}

async function checkDocs(): Promise<CheckResult> {
  const generator = "test/tools/generate-docs.ts";
  if (!existsSync(join(root, generator))) return { code: 1, output: `there is no ${generator}\n`, files: 0 };
  return withPrintedCount(await runScript(generator, ["--check"]));
}

async function checkLockfile(): Promise<CheckResult> {
  const { packages }: { packages: Record<string, LockEntry> } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const problems = Object.keys(missingEntries(packages)).map((key) => `package-lock.json lacks ${key}`);
  for (const [key, { resolved }] of Object.entries(packages)) {
    if (resolved?.includes("://")) problems.push(`package-lock.json names a registry for ${key}: ${resolved}`);
  }
  return { code: problems.length === 0 ? 0 : 1, output: problems.map((line) => `${line}\n`).join(""), files: 1 };
}
