import { ROSTER_RUNTIMES } from "./roster.ts";
import { mapping, type Schema } from "./schema-parts.ts";

/** One line of text: what is typed into a terminal or given to the kernel must not carry control characters. */
export const ONE_LINE_PATTERN = "^[^\\u0000-\\u001f\\u007f]+$";

const name = (maxLength: number, description: string): Schema => ({
  type: "string",
  pattern: "^[A-Za-z0-9_.-]+$",
  maxLength,
  description,
});
const line = (description: string): Schema => ({ type: "string", pattern: ONE_LINE_PATTERN, description });

const bytes = (description: string): Schema => ({
  type: "string",
  pattern: "^([1-9][0-9]{0,11}[KMGT]?|[1-9][0-9]?%)$",
  description: `${description} For example 4G, or 50% of the machine's memory.`,
});

const paths = (description: string): Schema => ({
  type: "array",
  maxItems: 64,
  items: { type: "string", pattern: "^(/|~/|~$)[^\\u0000-\\u001f\\u007f]*$" },
  description,
});

const limits: Schema = {
  ...mapping({
    memory_max: bytes("The agent and all it starts are killed above this much memory."),
    memory_high: bytes("Above this much memory they are slowed down."),
    cpu_quota_percent: { type: "integer", minimum: 1, maximum: 100_000, description: "Percent of one core; 200 is two cores." },
    tasks_max: { type: "integer", minimum: 1, maximum: 4_194_304, description: "Most processes and threads at once." },
  }),
  description: "What an agent may use, enforced by systemd on the agent's unit.",
};

const hardening: Schema = {
  ...mapping({
    no_new_privileges: { type: "boolean", description: "No process gains rights by running a setuid program, such as sudo." },
    protect_system: {
      enum: [true, "full", "strict"],
      description: "What of the system is read-only, as systemd's ProtectSystem.",
    },
    read_only_paths: paths("Folders that can't be written."),
    read_write_paths: paths("Folders that can be written in spite of protect_system."),
    inaccessible_paths: paths("Folders that can't be seen."),
    umask: { type: "string", pattern: "^0?[0-7]{3}$", description: "Rights that new files do not get, for example 0077." },
  }),
  description: "What no process of the fleet may do; set on the unit of the tmux server that all of them come from.",
};

const recording: Schema = {
  ...mapping({
    max_file_bytes: {
      type: "integer",
      minimum: 65_536,
      maximum: 1_073_741_824,
      default: 10_485_760,
      description: "A recording is closed and the next one begun at this size.",
    },
    max_files: {
      type: "integer",
      minimum: 1,
      maximum: 1000,
      default: 10,
      description: "The oldest recordings of the agent are deleted above this many.",
    },
  }),
  description: "Record the agent's terminal (asciicast v2). Off where it is not given; {} takes the defaults.",
};

const agent: Schema = {
  ...mapping({
    // 200, because `mosaic-agent@<name>.service` and `<name>.hb` must stay below the 255 bytes of a file's name.
    name: name(200, "Unique in the roster. Names the tmux session, the systemd unit and the heartbeat file."),
    runtime: { type: "string", enum: ROSTER_RUNTIMES, description: "The program that runs the agent." },
    class: line("The agent's role: orchestrator, implementer, reviewer, canary, …"),
    lifecycle: {
      type: "string",
      enum: ["core", "ephemeral"],
      default: "core",
      description: "Core agents are always on; ephemeral ones live for one lane of work.",
    },
    working_directory: line("Where the agent starts. A leading ~ is the home directory. Default: defaults.working_directory."),
    model_hint: line("What the runtime is told of the model to use."),
    kickstart_template: { type: "string", minLength: 1, description: "The text that starts the agent's work." },
    persistent_persona: { type: ["boolean", "string"], description: "Whether, or which, persona outlives a fresh conversation." },
    reset_between_tasks: { type: "boolean", default: false, description: "Start a fresh conversation before each task." },
    limits: { ...limits, description: "What this agent may use; each key goes before the same one in defaults.limits." },
    recording,
    command: {
      type: "array",
      minItems: 1,
      items: { type: "string", pattern: "^[^\\u0000]*$" },
      prefixItems: [line("The program: a path, or a name found on the agent's PATH.")],
      description:
        "Program and arguments, executed directly and never by a shell. Required when, and only when, runtime is command.",
    },
  }),
  required: ["name", "runtime"],
  if: { properties: { runtime: { const: "command" } }, required: ["runtime"] },
  // biome-ignore lint/suspicious/noThenProperty: the schema language calls it so.
  then: { required: ["command"] },
  else: { properties: { command: false } },
};

/** The JSON Schema (draft 2020-12) of a roster, version 1: the one the parser checks with, shipped as
 *  `framework/fleet/roster.schema.json`. Unknown keys are errors. Every snake_case key may be written in camelCase, but
 *  not both at once. */
export const ROSTER_SCHEMA: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:mosaic:fleet:roster:1",
  title: "Mosaic roster, version 1",
  description: "The agents that should exist on this host. Kept at $MOSAIC_HOME/fleet/roster.yaml.",
  ...mapping({
    version: { const: 1, description: "Version of this format." },
    transport: { const: "tmux", description: "What agents run in." },
    tenant: name(64, "Whose agents these are. Default: the login name."),
    host: name(253, "This host's name in the fleet. Default: the host name."),
    tmux: {
      ...mapping({
        socket_name: {
          type: "string",
          pattern: "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$",
          maxLength: 64,
          not: { const: "default" },
          default: "mosaic-factory",
          description: "Name of the fleet's own tmux socket. Never tmux's default one.",
        },
        holder_session: {
          type: "string",
          pattern: "^[A-Za-z0-9_-]+$",
          maxLength: 200,
          default: "_holder",
          description: "The session that keeps the tmux server alive.",
        },
      }),
      description: "The tmux server the agents live on.",
    },
    hardening,
    defaults: {
      ...mapping({ working_directory: { ...line("Where agents start that do not say."), default: "~/src" }, limits }),
      description: "What holds for every agent that does not say otherwise.",
    },
    runtimes: {
      ...mapping(
        Object.fromEntries(
          ROSTER_RUNTIMES.map((runtime) => [
            runtime,
            mapping({ reset_command: line("What is typed to start a fresh conversation, for example /clear.") }),
          ]),
        ),
      ),
      description: "What holds for every agent of a runtime.",
    },
    agents: { type: "array", minItems: 1, items: agent, description: "The agents." },
  }),
  required: ["version", "transport", "agents"],
};
