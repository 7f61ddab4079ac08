import { isAnswering } from "../fleet/ps-answer.ts";
import type { PsHost } from "../fleet/ps-host.ts";
import { ageText, waitText } from "./age-text.ts";
import { bareReason } from "./bare-reason.ts";
import { plainText } from "./plain-text.ts";
import type { TableRow } from "./table.ts";

/** What a host has to say for itself: why it is not LIVE, what is wrong with it, or that it is there and has no agents.
 *  Undefined: it is LIVE and its rows say it all. */
export function hostRemark(host: PsHost, facts: { hasRows: boolean; isTooOld: boolean }): TableRow | undefined {
  const text = host.state === "LIVE" ? liveText(host, facts) : lostText(host, facts.hasRows);
  if (text === "") return undefined;
  const tone = host.state === "LIVE" ? "good" : "mesh";
  const cells = [host.tenant_id, host.host, "", ""].map((part) => ({ text: part === "" ? "-" : plainText(part) }));
  const short = isAnswering(host) ? {} : { short: plainText(shortText(host, facts.hasRows)) };
  return { kind: "remark", cells: [...cells, { text: plainText(host.state), tone }], text: plainText(text), ...short };
}

function liveText(host: PsHost, { hasRows, isTooOld }: { hasRows: boolean; isTooOld: boolean }): string {
  const old = isTooOld && host.age_ms !== null ? [`last seen ${ageText(host.age_ms)} ago, older than asked for`] : [];
  // A name filter can hide rows that are there, and the count knows.
  const empty = hasRows || host.agent_count > 0 ? [] : ["no agents"];
  return [...old, ...conditionsOf(host, hasRows), ...empty].join("; ");
}

function lostText(host: PsHost, hasRows: boolean): string {
  // It answers: when it was last seen is not the news.
  if (isAnswering(host) && host.detail !== "") return [host.detail, ...restOf(host, hasRows)].join("; ");
  const why = host.detail || host.code;
  return [`${seenText(host)}${why === "" ? "" : `: ${why}`}${retryText(host)}`, ...restOf(host, hasRows)].join("; ");
}

// On a narrow terminal the reason is what may not be cut off.
function shortText(host: PsHost, hasRows: boolean): string {
  const why = bareReason(host);
  return [`${why === "" ? "" : `${why}, `}${seenText(host)}${retryText(host)}`, ...restOf(host, hasRows)].join("; ");
}

function seenText({ age_ms: ageMs }: PsHost): string {
  return ageMs === null ? "never seen" : `last seen ${ageText(ageMs)} ago`;
}

function retryText({ retry_in_ms: retryInMs }: PsHost): string {
  return retryInMs === null ? "" : `, retry in ${waitText(retryInMs)}`;
}

function restOf(host: PsHost, hasRows: boolean): string[] {
  const empty = hasRows || host.age_ms === null || host.agent_count > 0 || host.state !== "DRAINING" ? [] : ["no agents"];
  return [...conditionsOf(host, hasRows), ...empty];
}

// That a host has no systemd stands in a column of each of its agents.
function conditionsOf(host: PsHost, hasRows: boolean): string[] {
  const told = host.conditions.filter(({ type }) => type !== "NO_SYSTEMD" || !hasRows);
  return told.map(({ type, message }) => (message === "" ? type : `${type}: ${message}`));
}
