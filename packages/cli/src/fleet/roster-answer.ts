import type { Hardening, Roster, RosterAgent } from "@mosaic/core";

/** What `agent roster --json` prints. The names of its fields are a contract; see roster.test.ts. */
export interface RosterAnswer {
  readonly schema: "mosaic.agent.roster/1";
  readonly complete: true;
  /** The file. */
  readonly path: string;
  readonly tenant_id: string;
  readonly host: string;
  readonly tmux: { readonly socket_name: string; readonly holder_session: string };
  readonly hardening: HardeningJson;
  /** In the file's order. */
  readonly items: readonly RosterItem[];
}

/** An agent of the roster, every default filled in. Null: not set. */
export interface RosterItem {
  readonly tenant_id: string;
  readonly host: string;
  readonly name: string;
  readonly runtime: string;
  readonly class: string;
  readonly lifecycle: "core" | "ephemeral";
  /** As written. */
  readonly working_directory: string;
  readonly model_hint: string | null;
  readonly command: readonly string[] | null;
  readonly kickstart_template: string | null;
  readonly persistent_persona: boolean | string | null;
  readonly reset_between_tasks: boolean;
  /** What starts a fresh conversation. Null: not known for this runtime. */
  readonly reset_command: string | null;
  readonly limits: LimitsJson;
  readonly recording: { readonly max_file_bytes: number; readonly max_files: number } | null;
}

export interface LimitsJson {
  readonly memory_max: string | null;
  readonly memory_high: string | null;
  readonly cpu_quota_percent: number | null;
  readonly tasks_max: number | null;
}

export interface HardeningJson {
  readonly no_new_privileges: boolean | null;
  readonly protect_system: string | null;
  readonly read_only_paths: readonly string[];
  readonly read_write_paths: readonly string[];
  readonly inaccessible_paths: readonly string[];
  readonly umask: string | null;
}

/** Puts a roster into the form of the answer.
 *  @param knownResetCommand what a runtime's adapter knows, where the roster does not say */
export function toRosterAnswer(
  path: string,
  roster: Roster,
  knownResetCommand: (runtime: string) => string | undefined,
): RosterAnswer {
  const { tenantId, host, socketName, holderSession } = roster;
  return {
    schema: "mosaic.agent.roster/1",
    complete: true,
    path,
    tenant_id: tenantId,
    host,
    tmux: { socket_name: socketName, holder_session: holderSession },
    hardening: toHardening(roster.hardening),
    items: roster.agents.map((agent) => ({
      tenant_id: tenantId,
      host,
      ...toItem(agent),
      reset_command: roster.runtimes[agent.runtime]?.resetCommand ?? knownResetCommand(agent.runtime) ?? null,
    })),
  };
}

function toItem(agent: RosterAgent): Omit<RosterItem, "tenant_id" | "host" | "reset_command"> {
  const { limits, recording } = agent;
  return {
    name: agent.name,
    runtime: agent.runtime,
    class: agent.agentClass,
    lifecycle: agent.lifecycle,
    working_directory: agent.workingDirectory,
    model_hint: agent.modelHint ?? null,
    command: agent.command ?? null,
    kickstart_template: agent.kickstartTemplate ?? null,
    persistent_persona: agent.persistentPersona ?? null,
    reset_between_tasks: agent.resetBetweenTasks,
    limits: {
      memory_max: limits.memoryMax ?? null,
      memory_high: limits.memoryHigh ?? null,
      cpu_quota_percent: limits.cpuQuotaPercent ?? null,
      tasks_max: limits.tasksMax ?? null,
    },
    recording: recording ? { max_file_bytes: recording.maxFileBytes, max_files: recording.maxFiles } : null,
  };
}

function toHardening(hardening: Hardening): HardeningJson {
  return {
    no_new_privileges: hardening.noNewPrivileges ?? null,
    protect_system: hardening.protectSystem ?? null,
    read_only_paths: hardening.readOnlyPaths ?? [],
    read_write_paths: hardening.readWritePaths ?? [],
    inaccessible_paths: hardening.inaccessiblePaths ?? [],
    umask: hardening.umask ?? null,
  };
}
