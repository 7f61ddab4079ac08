import { MosaicError } from "../errors.ts";
import { type Complaint, describeBreach } from "./describe-breach.ts";
import { nameOf, show } from "./name-and-show.ts";
import type { Roster } from "./roster.ts";
import { breachesOf } from "./schema-check.ts";
import { sessionNameOf } from "./session-name.ts";
import { type RosterDefaults, toRoster } from "./to-roster.ts";
import { type Position, readYaml, type YamlSource } from "./yaml-source.ts";

export type { Roster, RosterAgent } from "./roster.ts";

export interface ParseRosterOptions extends RosterDefaults {
  /** The file's name as errors should show it. */
  readonly file: string;
}

/** A roster of a thousand agents is about 100 KB. */
const MAX_ROSTER_BYTES = 1024 * 1024;
const MAX_LISTED_PROBLEMS = 20;

interface Problem {
  readonly position: Position;
  readonly message: string;
  readonly hint: string;
}

/** Reads a roster, version 1, from YAML (JSON is YAML too).
 *  @throws MosaicError ROSTER_INVALID whose message has one line per problem, at most 20, in the file's order:
 *  `roster.yaml:7:5: agents[1].name "a b" must match …` (file, line, column, what, the value). Its hint is the first
 *  problem's cure. Refused are breaches of {@link ROSTER_SCHEMA}, repeated keys, agents that share a name or a tmux session,
 *  more than 100 aliases, several documents, and texts beyond 1 MiB. */
export function parseRoster(text: string, options: ParseRosterOptions): Roster {
  assertSize(text, options.file);
  const source = readYaml(text);
  refuse(source.problems, options.file);
  if (source.value === null || source.value === undefined) refuse([emptyFile], options.file);
  refuse(placed(breachesOf(source.value).map(describeBreach), source), options.file);
  const roster = toRoster(source.value, options);
  refuse(placed(clashesOf(roster), source), options.file);
  return roster;
}

const emptyFile: Problem = {
  position: { line: 1, column: 1 },
  message: "the roster is empty",
  hint: "write one: mosaic fleet init --profile minimal --write",
};

function assertSize(text: string, file: string): void {
  if (text.length <= MAX_ROSTER_BYTES && new TextEncoder().encode(text).length <= MAX_ROSTER_BYTES) return;
  throw new MosaicError("ROSTER_INVALID", `${file}: the roster is larger than ${MAX_ROSTER_BYTES} bytes`, {
    hint: "keep the agents of one host in it, and long texts in files of their own",
  });
}

function placed(complaints: readonly Complaint[], source: YamlSource): Problem[] {
  const problems = complaints.map(({ path, message, hint }) => ({ position: source.positionOf(path), message, hint }));
  return problems.sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
}

/** What no schema can say: two entries that would be one agent, or one session. */
function clashesOf(roster: Roster): Complaint[] {
  const first = new Map<string, number>();
  return roster.agents.flatMap((agent, index) => {
    const path = ["agents", index, "name"];
    const session = sessionNameOf(agent.name);
    const earlier = first.get(session);
    first.set(session, earlier ?? index);
    const told = `${nameOf(path)} ${show(agent.name)}`;
    if (session === roster.holderSession) {
      return [
        {
          path,
          message: `${told} is the name of tmux.holder_session`,
          hint: "rename the agent, or set tmux.holder_session to a name no agent has",
        },
      ];
    }
    if (earlier === undefined) return [];
    return [{ path, message: `${told} is already the name of agents[${earlier}]`, hint: "give each agent a name of its own" }];
  });
}

function refuse(problems: readonly Problem[], file: string): void {
  const [first] = problems;
  if (first === undefined) return;
  const lines = problems.map(({ position, message }) => `${file}:${position.line}:${position.column}: ${message}`);
  const listed = lines.slice(0, MAX_LISTED_PROBLEMS).concat(lines.length > MAX_LISTED_PROBLEMS ? ["and more"] : []);
  throw new MosaicError("ROSTER_INVALID", listed.join("\n"), { hint: first.hint });
}
