import { approvalText } from "../fleet/ps-approval.ts";
import type { PsItem } from "../fleet/ps-item.ts";

/** What needs saying about an agent: facts with names of their own first, then words. */
export function notesOf(item: PsItem): string {
  const lane = item.lane === "" ? "" : `lane ${item.lane}`;
  const told = joined([lane, waitText(item), pendingText(item)], ", ");
  const words = item.last_state === null ? told : `was ${joined([item.last_state, told], ", ")}`;
  return joined([...flagsOf(item), words], " ");
}

/** True when one of the facts has a name of its own. */
export function hasFlags(item: PsItem): boolean {
  return flagsOf(item).length > 0;
}

function flagsOf(item: PsItem): string[] {
  const types = item.conditions
    .map((condition) => condition.type)
    .filter((type) => type !== "DRIFT" && type !== "ORPHAN" && type !== "BOOT_ENABLE");
  return [
    ...(item.boot_enable_warning ? ["BOOT-ENABLE"] : []),
    ...(item.drift === null ? [] : [`DRIFT(${item.drift})`]),
    ...(item.in_roster ? [] : ["ORPHAN"]),
    ...types.map((type) => (type === "MESSAGE_HELD" && item.pending_messages > 0 ? `${type}(${item.pending_messages})` : type)),
  ];
}

// What an agent asks leave for says more than that it waits for leave.
function waitText({ approvals, waiting_for, state_detail }: PsItem): string {
  const [first, ...others] = approvals;
  if (first === undefined) return joined([waiting_for, state_detail], ": ");
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${joined([waiting_for || "permission", approvalText(first)], ": ")}${more}`;
}

function pendingText({ pending_messages: count, conditions }: PsItem): string {
  if (count === 0 || conditions.some(({ type }) => type === "MESSAGE_HELD")) return "";
  return `${count} ${count === 1 ? "message" : "messages"} to come`;
}

function joined(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== "").join(separator);
}
