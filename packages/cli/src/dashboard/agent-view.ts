import { formatAddress } from "@mosaic/core/light";
import type { TextView } from "../command.ts";
import { approvalText } from "../fleet/ps-approval.ts";
import type { PsItem } from "../fleet/ps-item.ts";
import { ageText } from "../output/age-text.ts";
import { notesOf } from "../output/agent-notes.ts";
import { plainText } from "../output/plain-text.ts";
import type { Size } from "./draw-text.ts";

/** The live screen of an agent, as far as it is known. */
export interface ScreenPicture {
  readonly lines: readonly string[];
  readonly cursorRow: number | undefined;
  /** Why it is not live now; empty: it is. */
  readonly problem: string;
}

/** Draws one agent: what is known of it, what it asks, and its live screen below. */
export function agentLines(item: PsItem | undefined, screen: ScreenPicture, size: Size, view: TextView): string[] {
  const head = item ? factsOf(item, view) : [view.style("bad", "This agent is gone from the fleet.")];
  const state = screen.problem === "" ? "its screen, live" : `its screen is not live: ${plainText(screen.problem)}`;
  const rule = view.style(
    screen.problem === "" ? "faint" : "attention",
    `── ${state} ${"─".repeat(Math.max(0, size.columns - state.length - 4))}`,
  );
  const room = Math.max(0, size.rows - head.length - 1);
  return [...head, rule, ...screen.lines.slice(firstLine(screen, room)).slice(0, room)];
}

function factsOf(item: PsItem, { style }: TextView): string[] {
  const address = formatAddress({ tenantId: item.tenant_id, host: item.host, name: item.name });
  const beat = item.heartbeat;
  const facts = [
    item.runtime || "no roster names it",
    item.lifecycle,
    ...(beat
      ? [`heartbeat ${beat.health} by ${beat.evidence}${beat.age_ms === null ? "" : `, ${ageText(beat.age_ms)} ago`}`]
      : ["no heartbeat"]),
    ...(item.systemd ? [`systemd ${item.systemd.active}/${item.systemd.enabled}`] : []),
    ...(item.pane?.pid ? [`pid ${item.pane.pid}`] : []),
  ];
  const notes = notesOf(item);
  const asked = item.approvals.map((each) => {
    const age = each.age_ms === null ? "" : ` for ${ageText(each.age_ms)}`;
    const how = each.answerable ? "a answers" : "only its terminal can answer";
    return style("attention", plainText(`asks${age}: ${approvalText(each)} (${how})`));
  });
  return [
    `${style("strong", plainText(address))}  ${plainText(item.state)}`,
    plainText(facts.filter(Boolean).join(" · ")),
    ...(notes === "" ? [] : [plainText(notes)]),
    ...asked.slice(0, MAX_ASKED),
    ...(asked.length > MAX_ASKED ? [style("attention", `and ${asked.length - MAX_ASKED} more`)] : []),
  ];
}

/** A small terminal has to show some of the screen, too. */
const MAX_ASKED = 3;

// Where it is higher than there is room, the part with the cursor.
function firstLine({ lines, cursorRow }: ScreenPicture, room: number): number {
  const cursor = Math.min(cursorRow ?? lines.length - 1, Math.max(0, lines.length - 1));
  return cursor < room ? 0 : cursor - room + 1;
}
