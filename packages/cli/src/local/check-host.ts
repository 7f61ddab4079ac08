import { statSync } from "node:fs";
import { dirname } from "node:path";
import { MosaicError, parseRoster } from "@mosaic/core";
import { loginName } from "@mosaic/host";
import { type CheckAnswer, type CheckItem, toCheckAnswer } from "../fleet/check-answer.ts";
import { judgeHost } from "../fleet/judge-host.ts";
import { judgeRoster, type ProgramFinder } from "../fleet/judge-roster.ts";
import { checkHooks } from "../hooks/check-hooks.ts";
import type { Io } from "../io/io.ts";
import { agentPath } from "./agent-path.ts";
import { readHostFacts } from "./host-facts.ts";
import { interpreterOf, programFile } from "./program-files.ts";

/** A roster's file as it was found. */
export interface RosterFile {
  readonly path: string;
  /** Undefined: there is none. */
  readonly text: string | undefined;
}

/** Checks what a durable fleet of this roster needs of this host. Changes nothing.
 *  @throws MosaicError MACHINE, CANCELLED */
export async function checkHost(roster: RosterFile, io: Io): Promise<CheckAnswer> {
  const path = await agentPath(io);
  const host = judgeHost(await readHostFacts(dirname(roster.path), io));
  return toCheckAnswer(roster.path, path, [...host, ...(await checkRoster(roster, finderOf(path, io), io))]);
}

async function checkRoster({ path, text }: RosterFile, finder: ProgramFinder, io: Io): Promise<readonly CheckItem[]> {
  const check = "roster";
  if (text === undefined) {
    const next = "mosaic fleet init --profile minimal --write";
    return [{ check, level: "missing", message: `there is none at ${path}`, next }];
  }
  try {
    const roster = parseRoster(text, { file: path, defaultTenant: loginName(), defaultHost: io.hostName() });
    const count = `${roster.agents.length} ${roster.agents.length === 1 ? "agent" : "agents"} in ${path}`;
    const hooks = await checkHooks(roster, path, io);
    return [{ check, level: "ok", message: count, next: "" }, ...judgeRoster(roster, finder), ...hooks];
  } catch (thrown) {
    const { code, message } = MosaicError.from(thrown);
    if (code !== "ROSTER_INVALID") throw thrown;
    return [{ check, level: "missing", message: message.split("\n", 1)[0] ?? message, next: "mosaic agent roster" }];
  }
}

/** Looks for programs on one PATH, and for folders. */
export function finderOf(path: string, io: Io): ProgramFinder {
  const home = io.env["HOME"] ?? "";
  return {
    detached: (program) => programFile(program, path),
    inShell: (program) => programFile(program, io.env["PATH"] ?? ""),
    interpreterOf,
    folderExists: (folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false,
    atHome: (folder) => folder.replace(/^~(?=\/|$)/, home),
  };
}
