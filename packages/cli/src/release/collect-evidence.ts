import { MosaicError } from "@mosaic/core/light";
import type { Baseline } from "./baseline.ts";
import type { Evidence } from "./compare.ts";
import { contractEvidence } from "./contract-evidence.ts";
import type { EvidencePart, GateQuestion } from "./evidence-part.ts";
import { fleetEvidence } from "./fleet-evidence.ts";
import { hostEvidence } from "./host-evidence.ts";
import { jsonEvidence } from "./json-evidence.ts";
import { latencyEvidence } from "./latency-evidence.ts";
import { receiptEvidence } from "./receipt-evidence.ts";
import { serverEvidence } from "./server-evidence.ts";

/** Latency first, while nothing else of ours runs. What is of this very host is left out where another one is asked. */
function partsFor({ globals }: GateQuestion): readonly EvidencePart[] {
  const own = globals.isEndpointFlagged ? [] : hostEvidence;
  return [latencyEvidence, contractEvidence, serverEvidence, ...fleetEvidence, receiptEvidence, ...own, jsonEvidence];
}

/** Looks at everything that a release or an upgrade may break, one part after the other.
 *  @throws MosaicError CANCELLED */
export async function collectEvidence(question: GateQuestion): Promise<Evidence> {
  const checks: Record<string, Baseline[string]> = {};
  const unknown: Record<string, string> = {};
  const none: Record<string, string> = {};
  for (const { parts, collect } of partsFor(question)) {
    const told = await collect(question).catch((thrown: unknown) => MosaicError.from(thrown));
    if (told instanceof MosaicError && told.code === "CANCELLED") throw told;
    if (told instanceof MosaicError) for (const part of parts) unknown[part] = told.message;
    else if (typeof told === "string") for (const part of parts) none[part] = told;
    else Object.assign(checks, told);
  }
  return { checks, unknown, none };
}
