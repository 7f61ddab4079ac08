import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

/** Finds the file that `exec` would take for a program.
 *  @param path folders with colons between
 *  @returns undefined when none of the folders has it */
export function programFile(name: string, path: string): string | undefined {
  const candidates = name.includes("/") ? [name] : path.split(":").map((folder) => join(folder, name));
  return candidates.find(isExecutable);
}

/** Names the interpreter that a script asks `env` for (`#!/usr/bin/env node`), which has to be on the same path; undefined
 *  for every other program. */
export function interpreterOf(program: string): string | undefined {
  return /^#!\s*\/usr\/bin\/env\s+(?:-S\s+)?([^\s=]+)/.exec(beginningOfFile(program))?.[1];
}

// As much of it as the kernel looks at; some runtimes are programs of 200 MB.
function beginningOfFile(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const bytes = Buffer.alloc(256);
    return bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0));
  } catch {
    // A program that may be executed and not read is no script.
    return "";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there, or not for us: to exec both are the same.
    return false;
  }
}
