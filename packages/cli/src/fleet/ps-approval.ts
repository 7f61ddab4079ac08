import type { ApprovalJson } from "@mosaic/wire";
import { ageSince, type HostReading } from "./ps-host.ts";

/** One thing an agent asks leave for, in `fleet ps --json` and `agent approvals list --json`. */
export interface PsApproval {
  readonly request_id: string;
  /** What it wants to use; empty: not said. */
  readonly tool: string;
  /** What it wants to do, on one line. */
  readonly summary: string;
  /** How long it has waited. Null: not known. */
  readonly age_ms: number | null;
  /** False: only a person at its terminal can answer. */
  readonly answerable: boolean;
}

/** Puts what an agent asks leave for into the form of the answer. */
export function toPsApprovals(approvals: readonly ApprovalJson[] | undefined, reading: HostReading | undefined): PsApproval[] {
  return (approvals ?? []).map((approval) => ({
    request_id: approval.requestId ?? "",
    tool: approval.tool ?? "",
    summary: approval.summary ?? "",
    age_ms: ageSince(approval.sinceUnixMs, reading),
    answerable: approval.answerable ?? false,
  }));
}

/** What is asked for, in one phrase: `Bash: npm test`. */
export function approvalText({ tool, summary }: Pick<PsApproval, "tool" | "summary">): string {
  return [tool, summary].filter((part) => part !== "").join(": ") || "something it does not say";
}
