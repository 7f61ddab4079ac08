import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Root of this clone. */
export const root = join(import.meta.dirname, "../..");

export interface ToolResult {
  /** What the tool exited with, or the signal that ended it, or why it could not start. 0: success. */
  readonly code: number | string;
  /** Both streams, in the order of arrival. */
  readonly output: string;
}

/** Runs a program in the root of the clone, and never throws for what it does.
 *  @param program one of those that npm installed here (`buf`), or else one of the machine's */
export function runTool(program: string, args: readonly string[]): Promise<ToolResult> {
  const bin = join(root, "node_modules", ".bin");
  const path = existsSync(join(bin, program)) ? join(bin, program) : program;
  // Tools find each other by name: buf starts protoc-gen-es. They run on this very Node, not on one further along the path.
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter), NO_COLOR: "1" };
  return new Promise((resolve) => {
    const child = spawn(path, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", (error) => resolve({ code: error.message, output }));
    child.on("close", (code, signal) => resolve({ code: code ?? signal ?? "unknown", output }));
  });
}

/** Runs steps one after the other until one fails.
 *  @returns the last step's code, and the output of all. */
export async function runSteps(...steps: readonly (() => Promise<ToolResult>)[]): Promise<ToolResult> {
  let output = "";
  for (const step of steps) {
    const result = await step();
    output += result.output;
    if (result.code !== 0) return { code: result.code, output };
  }
  return { code: 0, output };
}

/** Runs a TypeScript or JavaScript file of this clone on the Node that runs us. */
export function runScript(script: string, args: readonly string[] = []): Promise<ToolResult> {
  return runTool(process.execPath, [script, ...args]);
}
