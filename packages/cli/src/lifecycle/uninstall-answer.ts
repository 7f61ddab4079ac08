import { EXIT_CODES } from "@mosaic/core/light";
import type { KeptBecause, UninstallStep } from "@mosaic/lifecycle";
import type { CommandResult, TextView } from "../command.ts";
import { plainText } from "../output/plain-text.ts";
import type { InstalledFleet } from "./installed-fleet.ts";
import type { Removal } from "./plan-removal.ts";

/** What taking the installation away did, or would do. */
export interface UninstallReport extends Omit<Removal, "apply"> {
  readonly isDryRun: boolean;
}

/** Says what is gone, what stays and why, and what runs on. */
export function uninstallAnswer({ tenantId, host }: InstalledFleet, report: UninstallReport): CommandResult {
  const { steps, toDisable, toStop, running, strangers, isDryRun } = report;
  return {
    exitCode: EXIT_CODES.ok,
    envelope: {
      schema: "mosaic.fleet.uninstall/1",
      tenant_id: tenantId,
      host,
      dry_run: isDryRun,
      files: steps.map(({ kind, path, why }) => ({ change: kind, path, why })),
      disabled: toDisable,
      stopped: toStop,
      running,
      strangers,
    },
    text: (view) => uninstallText(report, view),
    notes: [...strangerNotes(report), ...runningNotes(report)],
  };
}

function uninstallText({ steps, toDisable, toStop, isDryRun }: UninstallReport, { style }: TextView): string {
  const removed = steps.filter(({ kind }) => kind === "remove");
  const kept = steps.filter(({ kind }) => kind === "keep");
  const lines = [
    ...toStop.map((unit) => `${style("attention", "stop   ")}  ${plainText(unit)}`),
    ...toDisable.map((unit) => `${style("attention", "disable")}  ${plainText(unit)}`),
    ...removed.map(({ path }) => `${style("attention", "remove ")}  ${plainText(path)}`),
    ...kept.filter(isWorthALine).map(({ path, why }) => `keep     ${plainText(path)}: ${WHY[why]}`),
  ];
  const isNothing = removed.length + toDisable.length + toStop.length === 0;
  const sum = isNothing
    ? "Nothing of an installation is left to take away"
    : `${removed.length} ${removed.length === 1 ? "file" : "files"} removed, ${kept.length} kept`;
  return `${[...lines, `${sum}.${isDryRun ? " Nothing was done: --dry-run." : ""}`].join("\n")}\n`;
}

// Scripts in use are many, and a note says it of all of them.
function isWorthALine({ why }: UninstallStep): boolean {
  return why !== "in use";
}

const WHY: Readonly<Record<"" | KeptBecause, string>> = {
  "": "",
  changed: "changed since it was made; --force removes it",
  "site-owned": "yours",
  "other home": "serves another MOSAIC_HOME",
  "in use": "still in use",
};

function strangerNotes({ strangers }: UninstallReport): string[] {
  if (strangers.length === 0) return [];
  const which = `${strangers.slice(0, 3).map(plainText).join(", ")}${strangers.length > 3 ? ", …" : ""}`;
  return [`the tmux server runs on for the sake of sessions that are no unit's (${which}); end it: mosaic fleet stop --holder`];
}

function runningNotes({ running, strangers, isDryRun }: UninstallReport): string[] {
  if (running.length === 0 || strangers.length > 0) return [];
  const count =
    running.length === 1 ? "1 unit runs on, and nothing starts it" : `${running.length} units run on, and nothing starts them`;
  const after = "their scripts stay below $MOSAIC_HOME/framework until they have ended";
  return [`${count} again; ${isDryRun ? "to end them first: --stop" : after}`];
}
