import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "./heartbeat-file.mjs";

/** @typedef {object} ConversationFile
 *  @property {() => string} id
 *  @property {readonly string[]} lines what it held when it was opened
 *  @property {(line: string) => void} append
 *  @property {() => void} startOver goes on in a new file, with a new id
 *  @property {() => string} problem of the last write; empty: none */

/** Keeps a conversation in a file, so that it can be gone on with: `stub-agent/<id>.jsonl` below the home, a line each. What can't
 *  be written is told, and keeps nobody from talking.
 *  @param {string} mosaicHome empty: nothing is kept
 *  @param {string} resumeId empty: a new conversation
 *  @returns {ConversationFile | undefined} undefined: there is no such conversation */
export function openConversationFile(mosaicHome, resumeId) {
  const folder = join(mosaicHome, "stub-agent");
  let id = resumeId || randomUUID();
  let problem = "";

  /** @param {() => void} write */
  const attempt = (write) => {
    if (mosaicHome === "") return;
    try {
      write();
      problem = "";
    } catch (error) {
      problem = `conversation: ${codeOf(error)}`;
    }
  };
  const pathOf = () => join(folder, `${id}.jsonl`);
  const begin = () =>
    attempt(() => {
      makeFolder(folder);
      writeFileSync(pathOf(), "", { mode: 0o600 });
    });

  const lines = resumeId === "" ? [] : readLines(pathOf());
  if (lines === undefined) return undefined;
  if (resumeId === "") begin();
  return {
    id: () => id,
    lines,
    append: (line) => attempt(() => appendFileSync(pathOf(), `${JSON.stringify(line)}\n`)),
    startOver() {
      id = randomUUID();
      begin();
    },
    problem: () => problem,
  };
}

// The home itself is never made: a home that is not there is a mistake worth showing.
/** @param {string} folder */
function makeFolder(folder) {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

/** @param {string} path @returns {string[] | undefined} undefined: there is no such file */
function readLines(path) {
  try {
    return readFileSync(path, "utf8").split("\n").filter(Boolean).flatMap(toLine);
  } catch {
    // Whatever stands in the way: what can't be read can't be gone on with.
    return undefined;
  }
}

// A crash may have left half a line at the end.
/** @param {string} text @returns {string[]} */
function toLine(text) {
  try {
    return [String(JSON.parse(text))];
  } catch {
    return [];
  }
}
