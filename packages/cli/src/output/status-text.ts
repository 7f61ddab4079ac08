import type { TextView } from "../command.ts";
import { approvalText, type PsApproval } from "../fleet/ps-approval.ts";
import type { PsCondition, PsHost } from "../fleet/ps-host.ts";
import type { PsSystemd } from "../fleet/ps-item.ts";
import type { StatusReading } from "../fleet/status-answer.ts";
import type { JudgedItem, StatusHeartbeat, StatusItem, StatusPane } from "../fleet/status-item.ts";
import { ageText } from "./age-text.ts";
import { belowTable } from "./below-table.ts";
import { plainText } from "./plain-text.ts";
import { hostRemark } from "./ps-host-remark.ts";
import type { Style, Tone } from "./style.ts";

/** Draws agents in detail: a few lines each, and a last line that counts them. */
export function statusText({ answer, judged }: StatusReading, { style, columns }: TextView): string {
  const isFar = answer.via === "aggregator";
  const blocks = judged.map((each) => agentBlock(each, isFar, style));
  const remarks = belowTable(
    answer.hosts.flatMap((host) => hostLine(host, style)),
    columns,
  );
  const liveCount = answer.items.filter((item) => item.live).length;
  const total = answer.items.length;
  const via = answer.via === "direct" ? " via: direct (without a node)." : "";
  const count = `${total} ${total === 1 ? "agent" : "agents"}, ${liveCount} live.${via}`;
  return `${[...blocks, ...(remarks.length === 0 ? [] : [remarks.join("\n")]), count].join("\n\n")}\n`;
}

/** What there is to say of a host, with its name; empty when it is in order. */
export function hostLine(host: PsHost, style: Style): string[] {
  const remark = hostRemark(host, { hasRows: true, isTooOld: false });
  if (remark?.kind !== "remark") return [];
  const name = plainText(`host ${host.tenant_id}/${host.host}`);
  return [`${name}: ${style("mesh", plainText(host.state))}: ${remark.text}`];
}

/** The next command as a person needs it: with the host to type it on, where that is another one. */
export function stepText({ item, step }: JudgedItem, isFar: boolean): string {
  if (step === undefined) return "";
  return plainText(isFar && step.isLocal ? `on ${item.host}: ${step.command}` : step.command);
}

function agentBlock(judged: JudgedItem, isFar: boolean, style: Style): string {
  const { item } = judged;
  const tone: Tone = item.live ? "good" : "bad";
  const what = [item.runtime || "not in the roster", item.class, item.lifecycle === "unknown" ? "" : item.lifecycle, item.lane]
    .filter((part) => part !== "")
    .map(plainText);
  const head = `${style("strong", plainText(`${item.tenant_id}/${item.host}/${item.name}`))}  ${style(tone, stateText(item))}  ${what.join(", ")}`;
  const next = stepText(judged, isFar);
  const lines = [
    ["systemd", systemdText(item.systemd)],
    ["pane", paneText(item.pane)],
    ["heartbeat", heartbeatText(item.heartbeat)],
    ...(item.live ? [] : [["not live", plainText(item.why)]]),
    ...item.approvals.map((approval) => ["asks for", askedText(approval)]),
    ...item.conditions.map((condition) => [plainText(condition.type), conditionText(condition)]),
    ...(next === "" ? [] : [["next", next]]),
  ].map(([title = "", text = ""]) => `  ${title.padEnd(TITLE_WIDTH)}  ${text}`);
  return [head, ...lines].join("\n");
}

function stateText(item: StatusItem): string {
  const told = [item.waiting_for, item.state_detail].filter((part) => part !== "").join(": ");
  return plainText(told === "" ? item.state : `${item.state} (${told})`);
}

function systemdText(unit: PsSystemd | null): string {
  if (!unit) return "keeps no unit of it, or was not asked";
  const active = unit.sub === "" ? unit.active : `${unit.active} (${unit.sub})`;
  const result = unit.result === "" ? [] : [`last result ${unit.result}`];
  const restarts = `${unit.restarts} ${unit.restarts === 1 ? "restart" : "restarts"}`;
  return plainText(`${unit.unit}: ${[active, unit.enabled || "no unit file", ...result, restarts].join(", ")}`);
}

function paneText(pane: StatusPane | null): string {
  if (!pane) return "no session of its name";
  const where = `${pane.pane_id} of session ${pane.session}`;
  if (!pane.alive) return plainText(`dead, ${where}${pane.exit_status === null ? "" : `, exited with ${pane.exit_status}`}`);
  const idle = pane.idle_ms === null ? [] : [`idle ${ageText(pane.idle_ms)}`];
  const size = pane.columns === 0 ? [] : [`${pane.columns}x${pane.rows}`];
  return plainText(["alive", where, `pid ${pane.pid ?? "?"}`, pane.command, ...size, ...idle].join(", "));
}

function heartbeatText(beat: StatusHeartbeat | null): string {
  if (!beat) return "none yet";
  const age = beat.age_ms === null ? "" : ` ${ageText(beat.age_ms)} ago`;
  const every = beat.interval_ms === 0 ? [] : [`every ${ageText(beat.interval_ms)}`];
  const pid = beat.pid === null ? [] : [`by pid ${beat.pid}`];
  return plainText([beat.health, `${beat.evidence}${age}`, ...every, `says ${beat.status}`, ...pid].join(", "));
}

function conditionText(condition: PsCondition): string {
  const age = condition.age_ms === null ? "" : ` (for ${ageText(condition.age_ms)})`;
  return plainText(`${condition.message}${age}`);
}

function askedText(approval: PsApproval): string {
  const age = approval.age_ms === null ? "" : `, for ${ageText(approval.age_ms)}`;
  const where = approval.answerable ? "" : ", to be answered at its terminal";
  return plainText(`${approvalText(approval)} (request ${approval.request_id}${age}${where})`);
}

/** As wide as the longest of the fixed titles; conditions may be longer. */
const TITLE_WIDTH = 9;
