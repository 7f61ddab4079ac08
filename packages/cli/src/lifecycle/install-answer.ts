import { EXIT_CODES } from "@mosaic/core/light";
import type { CommandResult, TextView } from "../command.ts";
import { plainText } from "../output/plain-text.ts";
import type { HostFleet } from "./host-fleet.ts";
import type { InstallChanges } from "./plan-changes.ts";

/** What an installation did, or would do. */
export interface InstallReport extends Omit<InstallChanges, "apply"> {
  readonly isDryRun: boolean;
  readonly user: string;
  /** Whether the user's systemd runs without a login. */
  readonly lingering: "enabled" | "disabled" | "unknown";
}

/** Says what an installation changed, and what is left to do. */
export function installAnswer(fleet: HostFleet, report: InstallReport): CommandResult {
  const { steps, toEnable, toDisable, lingering, isDryRun } = report;
  return {
    exitCode: EXIT_CODES.ok,
    envelope: {
      schema: "mosaic.fleet.install/1",
      tenant_id: fleet.roster.tenantId,
      host: fleet.roster.host,
      dry_run: isDryRun,
      files: steps.map(({ kind, path }) => ({ change: kind, path })),
      enabled: toEnable,
      disabled: toDisable,
      lingering,
    },
    text: (view) => installText(fleet, report, view),
    notes: lingeringNotes(report),
  };
}

function installText(fleet: HostFleet, { steps, toEnable, toDisable, isDryRun }: InstallReport, { style }: TextView): string {
  const changed = steps.filter((step) => step.kind !== "keep");
  const lines = [
    ...changed.map(({ kind, path }) => `${style(kind === "remove" ? "attention" : "good", kind.padEnd(7))}  ${plainText(path)}`),
    ...toEnable.map((unit) => `${style("good", "enable ")}  ${plainText(unit)}`),
    ...toDisable.map((unit) => `${style("attention", "disable")}  ${plainText(unit)}`),
  ];
  const kept = steps.length - changed.length;
  const changes =
    lines.length === 0
      ? "Everything is in place"
      : `${changed.length} ${changed.length === 1 ? "file" : "files"} changed, ${kept} as they were`;
  const end = isDryRun ? "Nothing was done: --dry-run." : "Start it: mosaic fleet start";
  const agents = fleet.roster.agents.filter((agent) => agent.lifecycle === "core").length;
  const after = agents === 1 ? "1 core agent comes up" : `${agents} core agents come up`;
  return `${[...lines, `${changes}; ${after} after a reboot. ${end}`].join("\n")}\n`;
}

function lingeringNotes({ lingering, user }: InstallReport): string[] {
  if (lingering === "enabled") return [];
  const why =
    lingering === "disabled"
      ? `lingering is off: the fleet ends when ${user} logs out, and does not come up after a reboot`
      : "whether the fleet outlives a logout can't be told: no logind answers here";
  return [`${why}; loginctl enable-linger ${user}, or repeat this with --linger`];
}
