import type { Roster, RosterAgent, RosterRuntime } from "./roster.ts";
import { camelCase } from "./schema-parts.ts";

/** What holds where a roster says nothing. */
export interface RosterDefaults {
  /** The tenant of a roster that names none, by convention the login name. */
  readonly defaultTenant: string;
  /** The host of a roster that names none, by convention the host name. */
  readonly defaultHost: string;
}

/** Turns a value that the schema has accepted into a {@link Roster}: camelCase keys, defaults filled in. */
export function toRoster(value: unknown, defaults: RosterDefaults): Roster {
  const root = reader(value);
  const tmux = reader(root("tmux"));
  const workingDirectory = text(reader(root("defaults"))("working_directory")) ?? "~/src";
  return {
    version: 1,
    transport: "tmux",
    tenantId: text(root("tenant")) ?? defaults.defaultTenant,
    host: text(root("host")) ?? defaults.defaultHost,
    socketName: text(tmux("socket_name")) ?? "mosaic-factory",
    holderSession: text(tmux("holder_session")) ?? "_holder",
    agents: list(root("agents")).map((agent) => toAgent(agent, workingDirectory)),
    runtimes: toRuntimes(root("runtimes")),
  };
}

function toAgent(value: unknown, workingDirectory: string): RosterAgent {
  const agent = reader(value);
  const [program, ...rest] = list(agent("command")).map(String);
  const persona = agent("persistent_persona");
  return {
    name: text(agent("name")) ?? "",
    runtime: text(agent("runtime")) ?? "",
    agentClass: text(agent("class")) ?? "",
    lifecycle: agent("lifecycle") === "ephemeral" ? "ephemeral" : "core",
    workingDirectory: text(agent("working_directory")) ?? workingDirectory,
    ...optional("modelHint", text(agent("model_hint"))),
    ...(program === undefined ? {} : { command: [program, ...rest] }),
    ...optional("kickstartTemplate", text(agent("kickstart_template"))),
    ...optional("persistentPersona", typeof persona === "boolean" ? persona : text(persona)),
    resetBetweenTasks: agent("reset_between_tasks") === true,
  };
}

function toRuntimes(value: unknown): Record<string, RosterRuntime> {
  const names = Object.keys(typeof value === "object" && value !== null ? value : {});
  const runtimes = reader(value);
  return Object.fromEntries(
    names.map((name) => [name, { ...optional("resetCommand", text(reader(runtimes(name))("reset_command"))) }]),
  );
}

/** Reads a mapping's keys by their snake_case name, whichever of the two spellings the file used. */
function reader(mapping: unknown): (snakeCaseKey: string) => unknown {
  const entries = new Map<string, unknown>(Object.entries(typeof mapping === "object" && mapping !== null ? mapping : {}));
  return (key) => entries.get(key) ?? entries.get(camelCase(key));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  // Computed keys lose their type, so that this is the one place that says it.
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}
