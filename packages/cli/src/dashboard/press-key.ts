import type { PsItem } from "../fleet/ps-item.ts";
import { agentKey, agentNamed, answerable, type DashboardState, type Mode, selectedAgent } from "./dashboard-state.ts";
import type { Key } from "./key-reader.ts";

/** What has to be done besides drawing. */
export type Effect =
  | { readonly kind: "quit" }
  | { readonly kind: "interrupt" }
  | { readonly kind: "send"; readonly item: PsItem; readonly text: string }
  | { readonly kind: "decide"; readonly item: PsItem; readonly requestId: string; readonly decision: "allow" | "deny" }
  /** Why a key did nothing. */
  | { readonly kind: "say"; readonly text: string };

export interface Pressed {
  readonly state: DashboardState;
  readonly effect?: Effect;
}

/** What the fleet looks like while a key is pressed. */
export interface Shown {
  /** The agents that the filter leaves, in order. */
  readonly items: readonly PsItem[];
  /** All of them. */
  readonly all: readonly PsItem[];
  /** How many lines a page has. */
  readonly pageRows: number;
}

/** Longest text of a line that is typed here; the contract has room for more. */
const MAX_TEXT_LENGTH = 20_000;

/** Says what a key does. Pure: nothing is sent or asked here. */
export function pressKey(state: DashboardState, key: Key, shown: Shown): Pressed {
  if (key.name === "interrupt") return { state, effect: { kind: "interrupt" } };
  switch (state.mode.kind) {
    case "fleet":
      return pressInFleet(state, key, shown);
    case "agent":
      return pressInAgent(state, state.mode, key, shown);
    case "help":
      return { state: inMode(state, { kind: "fleet" }) };
    case "filter":
      return pressInFilter(state, key, shown);
    case "compose":
      return pressInCompose(state, state.mode, key, shown);
    case "approve":
      return pressInApprove(state, state.mode, key, shown);
    default:
      return state.mode satisfies never;
  }
}

function pressInFleet(state: DashboardState, key: Key, shown: Shown): Pressed {
  const moved = movedBy(key, shown);
  if (moved !== undefined) return { state: select(state, moved, shown) };
  if (key.name === "escape") return { state: { ...state, filter: "" } };
  if (key.name === "text" && key.text === "q") return { state, effect: { kind: "quit" } };
  if (key.name === "text" && key.text === "/") return { state: inMode(state, { kind: "filter" }) };
  if (key.name === "text" && key.text === "?") return { state: inMode(state, { kind: "help" }) };
  const chosen = selectedAgent(state, shown.items)?.item;
  if (key.name === "enter") return chosen ? { state: inMode(state, { kind: "agent", agent: agentKey(chosen) }) } : { state };
  return pressOnAgent(state, "fleet", key, chosen);
}

function pressInAgent(state: DashboardState, mode: Mode & { kind: "agent" }, key: Key, shown: Shown): Pressed {
  const moved = movedBy(key, shown);
  if (moved !== undefined) {
    const next = select({ ...state, selected: mode.agent }, moved, shown);
    return { state: inMode(next, { kind: "agent", agent: next.selected ?? mode.agent }) };
  }
  const back = { ...inMode(state, { kind: "fleet" }), selected: mode.agent };
  if (key.name === "enter" || key.name === "escape") return { state: back };
  if (key.name === "text" && key.text === "q") return { state: back };
  return pressOnAgent(state, "agent", key, agentNamed(mode.agent, shown.all));
}

/** The keys that are about one agent, wherever they are pressed. */
function pressOnAgent(state: DashboardState, from: "fleet" | "agent", key: Key, item: PsItem | undefined): Pressed {
  if (key.name !== "text" || (key.text !== "s" && key.text !== "a")) return { state };
  if (item === undefined) return { state, effect: { kind: "say", text: "no agent is selected" } };
  const agent = agentKey(item);
  if (key.text === "s") return { state: inMode(state, { kind: "compose", from, agent, text: "" }) };
  const [first] = answerable(item);
  if (first) return { state: inMode(state, { kind: "approve", from, agent, requestId: first.request_id }) };
  const asks = item.approvals.length > 0;
  const why = asks ? `what ${item.name} asks can only be answered at its terminal` : `${item.name} asks leave for nothing`;
  return { state, effect: { kind: "say", text: why } };
}

function pressInFilter(state: DashboardState, key: Key, shown: Shown): Pressed {
  const moved = key.name === "text" ? undefined : movedBy(key, shown);
  if (moved !== undefined) return { state: select(state, moved, shown) };
  if (key.name === "enter") return { state: inMode(state, { kind: "fleet" }) };
  if (key.name === "escape") return { state: { ...inMode(state, { kind: "fleet" }), filter: "" } };
  return { state: { ...state, filter: edited(state.filter, key).replaceAll("\n", " ") } };
}

function pressInCompose(state: DashboardState, mode: Mode & { kind: "compose" }, key: Key, shown: Shown): Pressed {
  const back = leave(state, mode);
  if (key.name === "escape") return { state: back };
  if (key.name !== "enter") return { state: inMode(state, { ...mode, text: edited(mode.text, key) }) };
  if (mode.text.trim() === "") return { state: back };
  const item = agentNamed(mode.agent, shown.all);
  // The text stays where it was typed: it was meant for that one, and is worth more than the line it stands on.
  if (item === undefined) return { state, effect: { kind: "say", text: "that agent is gone; nothing was sent. Esc leaves" } };
  return { state: back, effect: { kind: "send", item, text: mode.text } };
}

function pressInApprove(state: DashboardState, mode: Mode & { kind: "approve" }, key: Key, shown: Shown): Pressed {
  const back = leave(state, mode);
  if (key.name === "escape") return { state: back };
  const item = agentNamed(mode.agent, shown.all);
  const asked = item ? answerable(item) : [];
  const at = asked.findIndex(({ request_id }) => request_id === mode.requestId);
  const step = key.name === "up" ? -1 : key.name === "down" ? 1 : 0;
  if (step !== 0) {
    const next = asked[clamp(at + step, asked.length)];
    return { state: next ? inMode(state, { ...mode, requestId: next.request_id }) : state };
  }
  const decision = key.name === "text" ? DECISIONS[key.text] : undefined;
  if (decision === undefined) return { state };
  if (item === undefined || at < 0)
    return { state: back, effect: { kind: "say", text: "it is not asked any more; nothing was answered" } };
  return { state: back, effect: { kind: "decide", item, requestId: mode.requestId, decision } };
}

const DECISIONS: Readonly<Record<string, "allow" | "deny">> = { y: "allow", n: "deny" };

function leave(state: DashboardState, mode: Mode & { kind: "compose" | "approve" }): DashboardState {
  return inMode(state, mode.from === "agent" ? { kind: "agent", agent: mode.agent } : { kind: "fleet" });
}

/** By how many lines a key moves the selection; undefined: it is none that moves. */
function movedBy(key: Key, { pageRows, items }: Shown): number | undefined {
  switch (key.name === "text" ? key.text : key.name) {
    case "up":
    case "k":
      return -1;
    case "down":
    case "j":
      return 1;
    case "page-up":
      return -pageRows;
    case "page-down":
      return pageRows;
    case "home":
    case "g":
      return -items.length;
    case "end":
    case "G":
      return items.length;
    default:
      return undefined;
  }
}

function select(state: DashboardState, by: number, { items }: Shown): DashboardState {
  const index = selectedAgent(state, items)?.index ?? 0;
  const item = items[clamp(index + by, items.length)];
  return item ? { ...state, selected: agentKey(item) } : state;
}

function edited(text: string, key: Key): string {
  // A person's character may be two of JavaScript's.
  if (key.name === "backspace") return [...text].slice(0, -1).join("");
  return "text" in key ? (text + key.text).slice(0, MAX_TEXT_LENGTH) : text;
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index));
}

function inMode(state: DashboardState, mode: Mode): DashboardState {
  return { ...state, mode };
}
