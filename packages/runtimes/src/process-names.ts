import type { ProcessFacts } from "@mosaic/core";

/** Names the program a process runs: the last part of its executable's path, even after that file was replaced by an
 *  update (the kernel then appends ` (deleted)`). Empty when the executable can't be read. */
export function programOf(process: ProcessFacts): string {
  return lastPart(process.executable.replace(/ \(deleted\)$/, ""));
}

/** True for a Node.js process, under any of the names that distributions give it. */
export function isNode(process: ProcessFacts): boolean {
  return /^node(js)?[\d.]*$/.test(programOf(process));
}

/** Cuts a path down to its last part. */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
