import type { Roster, RosterAgent } from "@mosaic/core";
import type { CheckItem } from "./check-answer.ts";

/** Where the agents of a roster would find what they need. */
export interface ProgramFinder {
  /** The program's path, on the PATH of a detached pane; undefined: not there. */
  readonly detached: (program: string) => string | undefined;
  /** The same on the PATH of this shell. */
  readonly inShell: (program: string) => string | undefined;
  /** What a script asks `env` for. */
  readonly interpreterOf: (path: string) => string | undefined;
  readonly folderExists: (path: string) => boolean;
  /** Resolves a leading `~`. */
  readonly atHome: (path: string) => string;
}

/** Judges what a roster's agents need: the program of every runtime, and the folders they start in. */
export function judgeRoster(roster: Roster, finder: ProgramFinder): readonly CheckItem[] {
  const needs = new Map(roster.agents.flatMap((agent) => programNeed(agent, finder)));
  const folders = new Set(roster.agents.map((agent) => agent.workingDirectory));
  const programs = [...needs].map(([check, program]) => judgeProgram(check, program, finder));
  return [...programs, ...[...folders].map((folder) => judgeFolder(folder, finder))];
}

// The stub agent is a script of Mosaic's own, run by the Node that runs this.
function programNeed(agent: RosterAgent, finder: ProgramFinder): [string, string][] {
  if (agent.runtime === "stub") return [];
  if (agent.command === undefined) return [[`runtime ${agent.runtime}`, agent.runtime]];
  const [program] = agent.command;
  const isRelative = program.includes("/") && !program.startsWith("/");
  const path = isRelative ? `${finder.atHome(agent.workingDirectory)}/${program}` : program;
  return [[`command ${program}`, path]];
}

function judgeProgram(check: string, program: string, finder: ProgramFinder): CheckItem {
  const found = finder.detached(program);
  if (found === undefined) {
    const elsewhere = finder.inShell(program);
    const next = INSTALL.get(program) ?? `command -v ${program}`;
    if (elsewhere === undefined) return { check, level: "missing", message: `${program} can't be found`, next };
    return { check, level: "missing", message: `${elsewhere} is ${ONLY_HERE}`, next: nameFolder(elsewhere) };
  }
  const interpreter = finder.interpreterOf(found);
  if (interpreter === undefined || finder.detached(interpreter)) return { check, level: "ok", message: found, next: "" };
  const elsewhere = finder.inShell(interpreter);
  const message = `${found} is a script for ${interpreter}, which is ${elsewhere ? ONLY_HERE : "not there"}`;
  return { check, level: "missing", message, next: elsewhere ? nameFolder(elsewhere) : `command -v ${interpreter}` };
}

const ONLY_HERE = "on the PATH of this shell only: a detached pane does not find it";

function nameFolder(program: string): string {
  return `export MOSAIC_AGENT_PATH=${folderOf(program)}`;
}

function judgeFolder(folder: string, finder: ProgramFinder): CheckItem {
  const path = finder.atHome(folder);
  const check = `directory ${folder}`;
  if (finder.folderExists(path)) return { check, level: "ok", message: path, next: "" };
  return { check, level: "missing", message: "is not there, and agents start in it", next: `mkdir -p ${path}` };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** How each runtime's makers say it is installed. */
const INSTALL: ReadonlyMap<string, string> = new Map([
  ["claude", "npm install -g @anthropic-ai/claude-code"],
  ["codex", "npm install -g @openai/codex"],
  ["opencode", "npm install -g opencode-ai"],
  ["pi", "npm install -g @earendil-works/pi-coding-agent"],
]);
