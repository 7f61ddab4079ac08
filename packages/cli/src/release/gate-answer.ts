import { EXIT_CODES } from "@mosaic/core/light";
import type { GateLine } from "./compare.ts";

/** What `release gate --json` prints. The names of its fields are a contract; see release-commands.test.ts. */
export interface GateAnswer {
  readonly schema: "mosaic.release.gate/1";
  /** True when everything could be looked at. */
  readonly complete: boolean;
  readonly verdict: "PASS" | "FAIL";
  /** As it was given. */
  readonly baseline: string;
  /** Of the baseline's text, in hex. */
  readonly baseline_sha256: string;
  /** True: the baseline was written, and nothing was compared. */
  readonly written: boolean;
  /** Version of this program. */
  readonly version: string;
  readonly counts: Readonly<Record<GateLine["outcome"], number>>;
  /** One for each check, by name. Of a baseline that was written: none but what could not be looked at. */
  readonly items: readonly GateLine[];
  /** What to type next; empty: nothing. */
  readonly next: string;
}

/** Puts a comparison into the form of the answer. */
export function toGateAnswer(
  lines: readonly GateLine[],
  facts: Pick<GateAnswer, "baseline" | "baseline_sha256" | "written" | "version">,
): GateAnswer {
  const count = (outcome: GateLine["outcome"]) => lines.filter((line) => line.outcome === outcome).length;
  const failing = lines.filter(({ fails }) => fails);
  return {
    schema: "mosaic.release.gate/1",
    complete: count("unknown") === 0,
    verdict: failing.length === 0 ? "PASS" : "FAIL",
    ...facts,
    counts: {
      ...{ same: count("same"), better: count("better"), worse: count("worse") },
      ...{ missing: count("missing"), unknown: count("unknown"), new: count("new") },
    },
    items: lines,
    next: failing.find(({ next }) => next !== "")?.next ?? "",
  };
}

/** 0 when the gate is open, else 1. */
export function gateExitCode({ verdict }: Pick<GateAnswer, "verdict">): number {
  return verdict === "PASS" ? EXIT_CODES.ok : EXIT_CODES.failed;
}

/** Says what to type about a check that keeps the gate shut. */
export function nextForCheck({ check, outcome }: Pick<GateLine, "check" | "outcome">): string {
  if (outcome === "unknown") return "mosaic doctor";
  const [, part = "", about = ""] = /^([^.:]+)[.:]?(.*)$/.exec(check) ?? [];
  switch (part) {
    case "host":
      return `mosaic host describe ${about}`;
    case "agents":
      return `mosaic fleet verify --all-hosts --host ${about.split("/").at(-1)}`;
    case "conditions":
      return "mosaic status";
    case "doctor":
      return "mosaic doctor";
    case "units":
      return "mosaic fleet install-systemd --dry-run";
    case "receipts":
      return "mosaic message list";
    case "json":
      return `mosaic ${about}`;
    case "latency":
      return "mosaic fleet status";
    case "contract":
      return "mosaic version --json";
    default:
      return "mosaic health";
  }
}
