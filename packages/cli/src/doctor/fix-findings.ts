import { MosaicError } from "@mosaic/core/light";
import type { CheckedFinding } from "./run-checks.ts";

/** What became of one fix. */
export interface FixOutcome {
  readonly check: string;
  /** What was done, or was to be done. */
  readonly does: string;
  /** Empty: it is done. */
  readonly problem: string;
}

/** Does what can't do harm about what was found, one after the other, and tells each as it is done.
 *  @param record puts a change on record before it is made: what can't be put on record is not done */
export async function fixFindings(
  findings: readonly CheckedFinding[],
  record: (check: string, does: string) => Promise<void>,
  tell: (outcome: FixOutcome) => void,
): Promise<readonly FixOutcome[]> {
  const outcomes: FixOutcome[] = [];
  for (const { check, finding } of findings) {
    if (finding.fix === undefined) continue;
    const { does } = finding.fix;
    const outcome = { check: check.id, does, problem: await problemOf(() => record(check.id, does), finding.fix.apply) };
    tell(outcome);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function problemOf(...steps: readonly (() => Promise<void>)[]): Promise<string> {
  try {
    for (const step of steps) await step();
    return "";
  } catch (thrown) {
    const { code, message } = MosaicError.from(thrown);
    if (code === "CANCELLED") throw thrown;
    return message;
  }
}
