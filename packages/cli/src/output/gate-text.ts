import type { TextView } from "../command.ts";
import type { GateLine } from "../release/compare.ts";
import type { GateAnswer } from "../release/gate-answer.ts";
import { plainText } from "./plain-text.ts";
import type { Tone } from "./style.ts";

const TONES: Readonly<Record<GateLine["outcome"], Tone>> = {
  ...{ same: "faint", better: "good", worse: "bad", missing: "bad", unknown: "attention", new: "mesh" },
};

/** Draws a comparison: one line for each check, those that keep the gate shut at the end where they are seen, the verdict, and what to
 *  type next. */
export function gateText(answer: GateAnswer, { style }: TextView): string {
  const { items, verdict, counts, baseline, next, written } = answer;
  const inOrder = [...items.filter((line) => !line.fails), ...items.filter((line) => line.fails)];
  const lines = inOrder.map(({ check, outcome, detail, fails }) => {
    const word = style(TONES[outcome], (outcome === "unknown" ? "UNKNOWN" : outcome).padEnd(8));
    const allowed = outcome === "unknown" && !fails ? " (allowed)" : "";
    return `${word} ${plainText(`${check}${detail === "" ? "" : `: ${detail}`}${allowed}`)}`;
  });
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  const sum = told.map(([outcome, count]) => `${count} ${outcome}`).join(", ") || "nothing";
  const end = written
    ? `${style(verdict === "PASS" ? "good" : "bad", verdict === "PASS" ? "Wrote" : "Not written:")} ${plainText(baseline)}`
    : `${style(verdict === "PASS" ? "good" : "bad", verdict)}  ${plainText(`${sum}; against ${baseline}`)}`;
  return `${[...lines, end, ...(next === "" ? [] : [`Next: ${plainText(next)}`])].join("\n")}\n`;
}
