import type { TextView } from "../command.ts";
import type { PsAnswer } from "../fleet/ps-answer.ts";
import { approvalText } from "../fleet/ps-approval.ts";
import { plainText } from "../output/plain-text.ts";
import { agentLines, type ScreenPicture } from "./agent-view.ts";
import { agentNamed, answerable, type DashboardState, type Mode } from "./dashboard-state.ts";
import { endOf, type Size, wrapped } from "./draw-text.ts";
import { fleetLines, shownItems } from "./fleet-view.ts";
import { HINTS, helpLines } from "./help-view.ts";

/** All that is drawn. */
export interface DashboardPicture {
  readonly state: DashboardState;
  readonly answer: PsAnswer;
  /** Of the agent that is looked at. */
  readonly screen: ScreenPicture;
  /** What became of what was done last; empty: nothing to say. */
  readonly notice: string;
  /** Why the view does not move; empty: it does. */
  readonly lost: string;
  /** The line of the fleet shown first until now. */
  readonly firstLine: number;
}

/** Draws the dashboard: the view, a line of what was said last, and one of what can be done. Fits 80 x 24 and any other size. */
export function dashboardLines(picture: DashboardPicture, size: Size, view: TextView): { lines: string[]; firstLine: number } {
  const { lost, notice } = picture;
  const said = [
    ...(lost === "" ? [] : [`${view.style("bad", "CONNECTION LOST")}: ${plainText(lost)}`]),
    ...wrapped(plainText(notice), size.columns, MAX_NOTICE_LINES),
    ...promptOf(picture, size, view),
  ];
  const room = Math.max(1, size.rows - said.length - 1);
  const { lines, firstLine } = bodyOf(picture, { ...size, rows: room }, view);
  const blank = Array.from({ length: Math.max(0, room - lines.length) }, () => "");
  const hint = view.style("faint", HINTS[picture.state.mode.kind]);
  return { lines: [...lines.slice(0, room), ...blank, ...said, hint], firstLine };
}

function bodyOf(picture: DashboardPicture, size: Size, view: TextView): { lines: readonly string[]; firstLine: number } {
  const { state, answer, screen, firstLine } = picture;
  const { mode, filter, selected } = state;
  if (mode.kind === "help") return { lines: helpLines(), firstLine };
  const looked = lookedAt(mode);
  if (looked === undefined) return fleetLines({ answer, filter, selected, firstLine }, size, view);
  return { lines: agentLines(agentNamed(looked, answer.items), screen, size, view), firstLine };
}

/** The agent whose screen is shown, by key. */
export function lookedAt(mode: Mode): string | undefined {
  if (mode.kind === "agent") return mode.agent;
  return (mode.kind === "compose" || mode.kind === "approve") && mode.from === "agent" ? mode.agent : undefined;
}

function promptOf({ state, answer }: DashboardPicture, { columns }: Size, view: TextView): string[] {
  const { mode, filter } = state;
  const typed = (label: string, text: string) => [
    `${view.style("strong", label)} ${plainText(endOf(text, columns - label.length - 2))}${CURSOR}`,
  ];
  if (mode.kind === "filter" || (mode.kind === "fleet" && filter !== "")) {
    const label = `${shownItems(answer, filter).length} of ${answer.items.length} agents, filter:`;
    if (mode.kind === "filter") return typed(label, filter);
    return [view.style("attention", plainText(`${label} ${filter} (Esc shows all)`))];
  }
  if (mode.kind !== "compose" && mode.kind !== "approve") return [];
  const item = agentNamed(mode.agent, answer.items);
  const name = plainText(item ? `${item.tenant_id}/${item.host}/${item.name}` : "an agent that is gone");
  if (mode.kind === "compose") return typed(`to ${name}:`, mode.text);
  const asked = item ? answerable(item) : [];
  const at = asked.findIndex(({ request_id }) => request_id === mode.requestId);
  const request = asked[at];
  if (request === undefined) return [view.style("attention", `${name} does not ask that any more`)];
  const place = asked.length > 1 ? ` (${at + 1} of ${asked.length})` : "";
  return [view.style("attention", plainText(`${name} asks leave for ${approvalText(request)}${place}. y allows, n denies`))];
}

const MAX_NOTICE_LINES = 3;
/** Stands where the next letter comes; the terminal's own cursor is hidden. */
const CURSOR = "▏";
