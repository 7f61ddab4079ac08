import type { TextView } from "../command.ts";
import { ageText } from "../output/age-text.ts";
import { plainText } from "../output/plain-text.ts";
import type { Style } from "../output/style.ts";
import type { DaemonSituation } from "./situation.ts";
import type { OverviewAnswer } from "./status-answer.ts";

/** As many things as fit on a screen of 24 lines, with the rest counted. */
const SHOWN = 8;

/** Draws how it stands on one screen. */
export function overviewText(answer: OverviewAnswer, { style }: TextView): string {
  const { host, home, node, aggregator, hosts, agents, attention, next, via } = answer;
  const isAggregatorMeant = aggregator.answers || via === "aggregator";
  const lines = [
    `host        ${style("strong", plainText(host))}  ${plainText(home)}`,
    `node        ${daemonText(node, style)}`,
    ...(isAggregatorMeant ? [`aggregator  ${daemonText(aggregator, style)}`] : []),
    ...(via === null ? [] : [`hosts       ${hosts.total}: ${counts(hosts.states)}`]),
    ...(via === null ? [] : [`agents      ${agents.total}, ${agents.live} live: ${counts(agents.states)}`]),
    ...(via === "direct" ? ["via         direct (without a node)"] : []),
    "",
    attention.length === 0
      ? style("good", "Nothing needs a hand.")
      : attention.length === 1
        ? "1 thing needs a hand:"
        : `${attention.length} things need a hand:`,
    ...attention
      .slice(0, SHOWN)
      .flatMap(({ about, what, next: step }) => [
        `  ${style("attention", plainText(about))}  ${plainText(what.split("\n", 1)[0] ?? "")}`,
        ...(step === "" ? [] : [`    next: ${plainText(step)}`]),
      ]),
    ...(attention.length > SHOWN ? [`  and ${attention.length - SHOWN} more: mosaic fleet verify --all-hosts`] : []),
    ...(next === "" ? [] : ["", `Next: ${plainText(next)}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function daemonText({ answers, version, pid, uptime_ms, detail }: DaemonSituation, style: Style): string {
  if (!answers) return `${style("bad", "does not answer")}: ${plainText(detail)}`;
  return `${style("good", "answers")}, ${plainText(version || "?")}, process ${pid ?? "?"}, up ${ageText(uptime_ms ?? 0)}`;
}

function counts(states: Readonly<Record<string, number>>): string {
  const words = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return plainText(words.join(", ") || "none");
}
