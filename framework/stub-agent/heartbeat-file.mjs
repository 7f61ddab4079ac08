import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** @typedef {{ status: "ok" | "busy", intervalMs: number }} FileBeat */

/** Writes the heartbeat file, version 1, of an agent: replaced as a whole, one write at a time, the newest state last.
 *  @param {string} mosaicHome empty: nothing is written
 *  @param {string} agentName
 *  @param {(problem: string) => void} onProblem told after each write; empty when it went well */
export function createHeartbeatFile(mosaicHome, agentName, onProblem) {
  const path = join(mosaicHome, "fleet", "run", `${agentName}.hb`);
  /** @type {FileBeat | undefined} */
  let next;
  let isWriting = false;

  async function writeAll() {
    isWriting = true;
    while (next !== undefined) {
      const beat = next;
      next = undefined;
      onProblem(await replace(path, mosaicHome, textOf(beat)));
    }
    isWriting = false;
  }

  return {
    /** Returns at once. @param {FileBeat} beat */
    write(beat) {
      if (mosaicHome === "") return;
      next = beat;
      if (!isWriting) void writeAll();
    },
  };
}

/** @param {string} path @param {string} mosaicHome @param {string} text @returns {Promise<string>} what went wrong, or empty */
async function replace(path, mosaicHome, text) {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    // The home itself is never made: a home that is not there is a mistake worth showing.
    await stat(mosaicHome);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, text);
    await rename(draft, path);
    return "";
  } catch (error) {
    // Nothing more can be done about a leftover on a file system that has just failed.
    await rm(draft, { force: true }).catch(() => undefined);
    return `heartbeat file: ${codeOf(error)}`;
  }
}

/** @param {FileBeat} beat */
function textOf({ status, intervalMs }) {
  const ts = new Date().toISOString().replace("Z", "+00:00");
  return `ts=${ts}\npid=${process.pid}\nstatus=${status}\ninterval=${intervalMs / 1000}\nwriter=runtime\n`;
}

/** Names an error shortly: `ENOSPC`, or its message. @param {unknown} error @returns {string} */
export function codeOf(error) {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code === "" && error instanceof Error ? error.message : code;
}
