import type { TextView } from "../command.ts";
import { ageText } from "../output/age-text.ts";
import { plainText } from "../output/plain-text.ts";
import type { GatewayItem } from "./gateway-item.ts";

/** Draws the daemons of a home for people: a block each, and what to type where there is none at all.
 *  @param hasSystemd whether the user's systemd answers, and so could keep them */
export function gatewayStatusText(items: readonly GatewayItem[], hasSystemd: boolean, view: TextView): string {
  const blocks = items.map((item) => blockOf(item, view));
  const isNothing = items.every(({ installed, answers }) => !installed && !answers);
  return `${[...blocks, ...(isNothing ? [nothingText(hasSystemd)] : [])].join("\n\n")}\n`;
}

function blockOf(item: GatewayItem, { style }: TextView): string {
  const kept = item.installed ? `${item.active || "inactive"}, ${item.enabled || "not enabled"}` : "not installed";
  const since = item.uptime_ms === null ? "" : `, up ${ageText(item.uptime_ms)}`;
  const answer = item.answers ? style("good", `answers`) : style(item.installed ? "bad" : "faint", "does not answer");
  const who = item.answers ? ` (version ${item.version}, process ${item.pid}${since})` : item.installed ? `: ${item.detail}` : "";
  const lines = [
    `${style("strong", `mosaic-${item.role}`)}  ${answer}${plainText(who)}`,
    `  unit    ${plainText(`${item.unit}: ${kept}`)}`,
    `  listen  ${plainText([item.socket, ...item.listen].join(" "))}`,
    ...(item.next === "" ? [] : [`  next    ${plainText(item.next)}`]),
  ];
  return lines.join("\n");
}

function nothingText(hasSystemd: boolean): string {
  if (hasSystemd) return "Nothing runs here. Next: mosaic gateway install";
  return "Nothing runs here. Next, in a terminal of its own: mosaic-node; for a fleet of many hosts: mosaic-aggregator";
}
