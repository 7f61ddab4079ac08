import type { TextView } from "../command.ts";
import { belowTable } from "../output/below-table.ts";
import { plainText, safeJson } from "../output/plain-text.ts";
import type { Tone } from "../output/style.ts";
import type { ListedEvent } from "./listed-event.ts";

/** One line for people, or more on a terminal that is too narrow for it: when, what, whom it concerns or who did it, and what there is
 *  to say of it. */
export function eventText(item: ListedEvent, { style, columns }: TextView): string {
  const { at, action } = item;
  const words = item.type === "event" ? wordsOfEvent(item) : wordsOfRecord(item);
  const tone = item.type === "event" ? (TONES[action] ?? "strong") : "strong";
  const line = `${style("faint", plainText(at))}  ${style(tone, plainText(action))}  ${plainText(words)}`;
  return `${belowTable([line], columns).join("\n")}\n`;
}

function wordsOfRecord({ actor, agent, facts }: ListedEvent): string {
  const told = Object.entries(facts).map(([name, value]) => `${name}=${typeof value === "string" ? value : safeJson(value)}`);
  return `${actor}  ${[...(agent === null ? [] : [agent]), ...told].join(" ")}`.trimEnd();
}

function wordsOfEvent({ agent, tenant_id, host, action, facts }: ListedEvent): string {
  const { from = "", to = "", reason = "", count = 1 } = facts as Record<string, string | number>;
  const whom = agent ?? (tenant_id === "" ? host : `${tenant_id}/${host}`);
  const change =
    action.startsWith("condition.") || action.startsWith("message.") ? String(to) : changeText(String(from), String(to));
  const often = Number(count) > 1 ? `${count} times within a minute` : "";
  return [whom, change, reason, often].filter((part) => part !== "").join("  ");
}

function changeText(from: string, to: string): string {
  if (from === "" || to === "") return from === "" ? to : `${from} before`;
  return `${from} → ${to}`;
}

const TONES: Readonly<Record<string, Tone>> = {
  ...{
    "agent.died": "bad",
    "agent.failed": "bad",
    "agent.wedged": "bad",
    "agent.stale": "attention",
    "agent.waiting": "attention",
  },
  ...{
    "agent.started": "good",
    "agent.recovered": "good",
    "agent.fresh": "good",
    "host.live": "good",
    "host.unreachable": "bad",
  },
  ...{ "host.auth_failed": "bad", "host.stale": "attention", "condition.appeared": "attention", "message.failed": "bad" },
};
