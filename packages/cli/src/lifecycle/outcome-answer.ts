import { EXIT_CODES } from "@mosaic/core/light";
import type { Outcome } from "@mosaic/lifecycle";
import type { CommandResult, TextView } from "../command.ts";
import { plainText } from "../output/plain-text.ts";
import { renderTable, type TableRow } from "../output/table.ts";
import type { HostFleet } from "./host-fleet.ts";

/** Says what became of each agent. Exit 1 when one failed. */
export function outcomeAnswer(
  schema: string,
  fleet: HostFleet,
  outcomes: readonly Outcome[],
  options: { readonly isDryRun: boolean; readonly notes?: readonly string[] },
): CommandResult {
  const failed = outcomes.filter(({ outcome }) => outcome === "failed").length;
  return {
    exitCode: failed > 0 ? EXIT_CODES.failed : EXIT_CODES.ok,
    envelope: {
      schema,
      tenant_id: fleet.roster.tenantId,
      host: fleet.roster.host,
      via: fleet.supervisor.kind,
      dry_run: options.isDryRun,
      items: outcomes.map(({ name, outcome, detail, hint }) => ({ name, outcome, detail, hint })),
    },
    text: (view) => outcomeText(fleet, outcomes, options.isDryRun, view),
    notes: [...(options.notes ?? []), ...durabilityNotes(fleet)],
  };
}

function outcomeText(fleet: HostFleet, outcomes: readonly Outcome[], isDryRun: boolean, view: TextView): string {
  const rows = outcomes.map(({ name, outcome, detail, hint }): TableRow => {
    const tone = outcome === "failed" ? "bad" : outcome === "already running" || outcome === "not running" ? "faint" : "good";
    const why = [detail, hint === "" ? "" : `(${hint})`].filter((part) => part !== "").join(" ");
    const word = isDryRun && DONE.has(outcome) ? `would be ${outcome}` : outcome;
    return { kind: "cells", cells: [{ text: plainText(name) }, { text: word, tone }, { text: plainText(why) }] };
  });
  const columns = [{ title: "AGENT" }, { title: "OUTCOME" }, { title: "", canBeCut: false }];
  const { lines } = renderTable(columns, rows, { columns: undefined, style: view.style });
  const how = fleet.supervisor.kind === "systemd" ? "by systemd" : "in tmux alone";
  const count = `${outcomes.length} ${outcomes.length === 1 ? "agent" : "agents"}, kept ${how}.`;
  return `${lines.join("\n")}\n${isDryRun ? "Nothing was done: --dry-run. " : ""}${count}\n`;
}

/** What a dry run only says that it would do. */
const DONE: ReadonlySet<Outcome["outcome"]> = new Set(["started", "stopped", "restarted"]);

// Whoever starts agents without systemd is to know what will not happen.
function durabilityNotes(fleet: HostFleet): string[] {
  if (fleet.supervisor.kind === "systemd") return [];
  if (fleet.systemd.kind === "absent") {
    return [`no systemd here (${fleet.systemd.reason}): nothing starts agents again after a crash or a reboot`];
  }
  return ["not installed: nothing starts agents again after a crash or a reboot; see mosaic fleet install-systemd"];
}
