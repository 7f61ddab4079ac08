import { EXIT_CODES } from "@mosaic/core/light";
import type { TextView } from "../command.ts";
import { plainText } from "../output/plain-text.ts";
import type { Tone } from "../output/style.ts";
import type { Probe, ProbeStep, ProbeVerdict } from "./probe.ts";

/** What `gateway probe --json` prints. The names of its fields are a contract; see probe.test.ts. */
export interface ProbeAnswer {
  readonly schema: "mosaic.gateway.probe/1";
  /** True when every endpoint answered every step. */
  readonly complete: boolean;
  /** That of the worst endpoint. */
  readonly verdict: ProbeVerdict;
  readonly items: readonly ProbedEndpoint[];
}

/** One endpoint that was probed. */
export interface ProbedEndpoint extends Probe {
  readonly endpoint: string;
}

/** Puts probes into the form of the answer. */
export function toProbeAnswer(items: readonly ProbedEndpoint[]): ProbeAnswer {
  const complete = items.every(({ steps }) => steps.every(({ outcome }) => outcome !== "failed"));
  const verdict = VERDICTS.findLast((each) => items.some((item) => item.verdict === each)) ?? "healthy";
  return { schema: "mosaic.gateway.probe/1", complete, verdict, items };
}

/** From the best to the worst. */
const VERDICTS: readonly ProbeVerdict[] = ["healthy", "degraded", "refused", "unreachable"];

/** The exit code of each verdict. */
export const PROBE_EXIT_CODES: Readonly<Record<ProbeVerdict, number>> = {
  healthy: EXIT_CODES.ok,
  degraded: EXIT_CODES.partial,
  unreachable: EXIT_CODES.nobodyAnswered,
  refused: EXIT_CODES.notAllowed,
};

/** Draws probes for people: a line for each step, and the verdict. */
export function probeText({ items }: ProbeAnswer, { style }: TextView): string {
  const blocks = items.map(({ endpoint, steps, verdict }) => {
    const lines = steps.map(({ step, outcome, ms, found, next }) => {
      const time = (ms === null ? "" : `${ms.toFixed(1)} ms`).padStart(10);
      const todo = next === "" ? "" : `; next: ${next}`;
      return `  ${step.padEnd(11)}  ${style(TONES[outcome], outcome.padEnd(7))}  ${time}  ${plainText(found + todo)}`;
    });
    return [style("strong", plainText(endpoint)), ...lines, `  verdict      ${style(VERDICT_TONES[verdict], verdict)}`].join(
      "\n",
    );
  });
  return `${blocks.join("\n\n")}\n`;
}

const TONES: Readonly<Record<ProbeStep["outcome"], Tone>> = { ok: "good", warn: "attention", failed: "bad", skipped: "faint" };
const VERDICT_TONES: Readonly<Record<ProbeVerdict, Tone>> = {
  healthy: "good",
  degraded: "attention",
  unreachable: "bad",
  refused: "bad",
};
