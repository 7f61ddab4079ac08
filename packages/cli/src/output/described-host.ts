import type { TextView } from "../command.ts";
import type { DescribedHost, HostDescribeAnswer } from "../fleet/host-describe.ts";
import type { HostRoute } from "../fleet/host-list.ts";
import { hostSteps } from "../fleet/host-steps.ts";
import { isAnswering } from "../fleet/ps-answer.ts";
import { ageText, waitText } from "./age-text.ts";
import { plainText } from "./plain-text.ts";
import { answererLines } from "./ps-footer.ts";
import type { Style } from "./style.ts";
import { utcText } from "./utc-text.ts";

/** Draws everything that is known of hosts: a block each, what is wrong first. */
export function describedHosts(answer: HostDescribeAnswer, { style }: TextView): string {
  const blocks = answer.hosts.map((host) => blockOf(host, style));
  return `${[...blocks, ...answererLines(answer, style)].join("\n\n")}\n`;
}

function blockOf(host: DescribedHost, style: Style): string {
  const name = plainText(host.tenant_id === "" ? host.host : `${host.tenant_id}/${host.host}`);
  const tone = host.state === "LIVE" ? "good" : host.state === "DRAINING" ? "attention" : "mesh";
  const facts = factsOf(host).filter(([, text]) => text !== "");
  const width = Math.max(...facts.map(([title]) => title.length));
  const lines = facts.map(([title, text]) => `  ${title.padEnd(width)}  ${plainText(text)}`);
  return [`${style("strong", name)}  ${style(tone, plainText(host.state))}`, ...lines].join("\n");
}

function factsOf(host: DescribedHost): [title: string, text: string][] {
  const [first, ...others] = host.routes;
  return [
    ["why", whyText(host)],
    ...host.conditions.map(({ type, message, age_ms: ageMs }): [string, string] => [
      plainText(type),
      `${message}${ageMs === null ? "" : ` (for ${ageText(ageMs)})`}`,
    ]),
    ["heard", host.age_ms === null ? "never" : `${ageText(host.age_ms)} ago`],
    ["agents", agentsText(host)],
    ["address", host.address || "it answers itself"],
    ["expected by", host.sources.join(", ")],
    // With one way only, it is the address.
    ...(first && others.length > 0
      ? host.routes.map((route, index): [string, string] => [index === 0 ? "way in use" : "other way", routeText(route)])
      : []),
    ["via", host.via.join(" > ")],
    ["host id", host.host_id || "not known yet"],
    ["version", host.version],
    ["clock", host.clock_unix_ms === null ? "" : `${clockText(host.clock_unix_ms)} by its own`],
    ["revision", host.as_of_rev === 0 ? "" : String(host.as_of_rev)],
    ...stepsOf(host),
  ];
}

// Behind everything, where the prompt is: whoever reads this at night types what stands last.
function stepsOf(host: DescribedHost): [title: string, text: string][] {
  const steps = hostSteps(host);
  if (!steps) return [];
  const there = steps.there === "" ? [] : [`on ${host.host}: ${steps.there}`];
  const next = [...steps.here, ...there].map((text): [string, string] => ["next", text]);
  return [...next, ["more", `docs/runbook.md, ${host.state}`]];
}

// A clock may say anything, also what no calendar has.
function clockText(unixMs: number): string {
  return Math.abs(unixMs) <= 8.64e15 ? utcText(new Date(unixMs).toISOString()) : `${unixMs} ms`;
}

function whyText(host: DescribedHost): string {
  const retry = host.retry_in_ms === null ? "" : `retry in ${waitText(host.retry_in_ms)}`;
  return [host.detail || host.code, retry].filter((part) => part !== "").join(", ");
}

function agentsText(host: DescribedHost): string {
  const counts = Object.entries(host.agents).map(([state, count]) => `${count} ${state}`);
  if (counts.length === 0) return host.age_ms === null ? "not known" : "none";
  return isAnswering(host) ? counts.join(", ") : `${counts.join(", ")} (as last known)`;
}

function routeText({ member, address, state, detail, age_ms: ageMs, via }: HostRoute): string {
  const path = via.length > 1 ? `, over ${via.join(" > ")}` : "";
  const why = detail === "" ? "" : `: ${detail}`;
  return `${state} by ${member} at ${address}, heard ${ageText(ageMs)} ago${path}${why}`;
}
