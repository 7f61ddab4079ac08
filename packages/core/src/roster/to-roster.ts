import type { Hardening, Recording, ResourceLimits, Roster, RosterAgent, RosterRuntime } from "./roster.ts";
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
  const common = reader(root("defaults"));
  const defaultsForAgents = {
    workingDirectory: text(common("working_directory")) ?? "~/src",
    limits: toLimits(common("limits")),
  };
  return {
    version: 1,
    transport: "tmux",
    tenantId: text(root("tenant")) ?? defaults.defaultTenant,
    host: text(root("host")) ?? defaults.defaultHost,
    socketName: text(tmux("socket_name")) ?? "mosaic-factory",
    holderSession: text(tmux("holder_session")) ?? "_holder",
    agents: list(root("agents")).map((agent) => toAgent(agent, defaultsForAgents)),
    runtimes: toRuntimes(root("runtimes")),
    hardening: toHardening(root("hardening")),
  };
}

function toAgent(value: unknown, defaults: Pick<RosterAgent, "workingDirectory" | "limits">): RosterAgent {
  const agent = reader(value);
  const [program, ...rest] = list(agent("command")).map(String);
  const persona = agent("persistent_persona");
  return {
    name: text(agent("name")) ?? "",
    runtime: text(agent("runtime")) ?? "",
    agentClass: text(agent("class")) ?? "",
    lifecycle: agent("lifecycle") === "ephemeral" ? "ephemeral" : "core",
    workingDirectory: text(agent("working_directory")) ?? defaults.workingDirectory,
    ...optional("modelHint", text(agent("model_hint"))),
    ...(program === undefined ? {} : { command: [program, ...rest] }),
    ...optional("kickstartTemplate", text(agent("kickstart_template"))),
    ...optional("persistentPersona", typeof persona === "boolean" ? persona : text(persona)),
    resetBetweenTasks: agent("reset_between_tasks") === true,
    limits: { ...defaults.limits, ...toLimits(agent("limits")) },
    ...optional("recording", toRecording(agent("recording"))),
  };
}

function toLimits(value: unknown): ResourceLimits {
  const limits = reader(value);
  return {
    ...optional("memoryMax", text(limits("memory_max"))),
    ...optional("memoryHigh", text(limits("memory_high"))),
    ...optional("cpuQuotaPercent", number(limits("cpu_quota_percent"))),
    ...optional("tasksMax", number(limits("tasks_max"))),
  };
}

function toHardening(value: unknown): Hardening {
  const hardening = reader(value);
  const noNewPrivileges = hardening("no_new_privileges");
  const protectSystem = hardening("protect_system");
  const paths = (key: string) => (hardening(key) === undefined ? undefined : list(hardening(key)).map(String));
  return {
    ...optional("noNewPrivileges", typeof noNewPrivileges === "boolean" ? noNewPrivileges : undefined),
    ...optional("protectSystem", protectSystem === undefined ? undefined : String(protectSystem)),
    ...optional("readOnlyPaths", paths("read_only_paths")),
    ...optional("readWritePaths", paths("read_write_paths")),
    ...optional("inaccessiblePaths", paths("inaccessible_paths")),
    ...optional("umask", text(hardening("umask"))),
  };
}

/** 10 MB and 10 files: an agent's recordings never take more than 100 MB that nobody asked for. */
const DEFAULT_RECORDING: Recording = { maxFileBytes: 10_485_760, maxFiles: 10 };

function toRecording(value: unknown): Recording | undefined {
  if (value === undefined) return undefined;
  const recording = reader(value);
  return {
    maxFileBytes: number(recording("max_file_bytes")) ?? DEFAULT_RECORDING.maxFileBytes,
    maxFiles: number(recording("max_files")) ?? DEFAULT_RECORDING.maxFiles,
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

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  // Computed keys lose their type, so that this is the one place that says it.
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}
