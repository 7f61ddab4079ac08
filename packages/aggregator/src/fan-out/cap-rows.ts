import { create } from "@bufbuild/protobuf";
import { encodedSize } from "@mosaic/rpc";
import { type Agent, ConditionSchema, type HostStatus } from "@mosaic/wire";
import { withCondition } from "../route-status.ts";
import type { FanOutLimits } from "./fan-out-limits.ts";

/** What one host answered. */
export interface HostAnswer {
  readonly status: HostStatus;
  readonly rows: readonly Agent[];
  /** True: the rows are part of what it has already. */
  readonly isCut: boolean;
}

/** Cuts what is more than a host, or all hosts together, may put into an answer. A host that was cut says so by a condition:
 *  `agent_count` is what it has, as far as it was told. */
export function capRows(answers: readonly HostAnswer[], limits: FanOutLimits): HostAnswer[] {
  let leftBytes = limits.bytesPerAnswer;
  return answers.map((answer) => {
    const maxBytes = Math.min(limits.bytesPerHost, leftBytes);
    const { rows, bytes } = fit(answer.rows, limits.rowsPerHost, maxBytes);
    leftBytes -= bytes;
    if (rows.length === answer.rows.length && !answer.isCut) return answer;
    return { rows, isCut: true, status: cutStatus(answer, rows.length) };
  });
}

function fit(rows: readonly Agent[], maxRows: number, maxBytes: number): { rows: readonly Agent[]; bytes: number } {
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    const size = encodedSize(row);
    if (index >= maxRows || bytes + size > maxBytes) return { rows: rows.slice(0, index), bytes };
    bytes += size;
  }
  return { rows, bytes };
}

function cutStatus({ status, rows, isCut }: HostAnswer, shown: number): HostStatus {
  const had = isCut ? `more than ${rows.length}` : `${Math.max(rows.length, status.agentCount)}`;
  const message = `${shown} of ${had} agents are in this answer: more do not fit`;
  const condition = create(ConditionSchema, { type: "TRUNCATED", message });
  return { ...status, conditions: withCondition(status.conditions, condition) };
}
