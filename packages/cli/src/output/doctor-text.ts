import type { TextView } from "../command.ts";
import type { Severity } from "../doctor/check.ts";
import type { DoctorAnswer, DoctorItem } from "../doctor/doctor-answer.ts";
import { plainText } from "./plain-text.ts";
import type { Style, Tone } from "./style.ts";

/** Draws what the doctor found: of what is amiss why it matters and what to type, of the rest one line or only the count.
 *  @param isAll also what is in order */
export function doctorText(answer: DoctorAnswer, isAll: boolean, { style }: TextView): string {
  const amiss = answer.items.filter(isAmiss);
  const rest = answer.items.filter((item) => !isAmiss(item));
  const blocks = amiss.map((item) => block(item, style));
  const lines = isAll ? rest.map((item) => `${mark(item.severity, style)}  ${plainText(`${item.check}: ${item.found}`)}`) : [];
  return `${[...blocks, ...(lines.length > 0 ? [lines.join("\n")] : []), sum(answer)].join("\n\n")}\n`;
}

/** True for what somebody has to do something about. */
function isAmiss({ severity }: Pick<DoctorItem, "severity">): boolean {
  return severity === "bad" || severity === "warn" || severity === "unknown";
}

function block({ check, severity, found, why, next, fix, runbook }: DoctorItem, style: Style): string {
  const lines = [
    `${mark(severity, style)}  ${style("strong", plainText(check))}: ${plainText(found)}`,
    `         why   ${plainText(why)}`,
    ...(next === "" ? [] : [`         next  ${plainText(next)}`]),
    ...(fix === null || fix === next ? [] : [`         fix   ${plainText(fix)}`]),
    `         more  docs/runbook.md, ${plainText(runbook)}`,
  ];
  return lines.join("\n");
}

function sum({ items }: DoctorAnswer): string {
  const count = (severity: Severity) => items.filter((item) => item.severity === severity).length;
  const [bad, warn, unknown, none] = [count("bad"), count("warn"), count("unknown"), count("none")];
  const parts = [
    ...(bad === 0 ? [] : [`${bad} bad`]),
    ...(warn === 0 ? [] : [`${warn} to look at`]),
    ...(unknown === 0 ? [] : [`${unknown} not known`]),
    `${count("ok")} in order`,
    ...(none === 0 ? [] : [`${none} not here`]),
  ];
  const fixable = items.filter(({ fix }) => fix !== null).length;
  const fix = fixable === 0 ? "" : ` ${fixable} of them: mosaic doctor --fix.`;
  return `${parts.join(", ")}.${fix}`;
}

function mark(severity: Severity, style: Style): string {
  return style(TONES[severity], severity) + " ".repeat(WIDTH - severity.length);
}

const WIDTH = "unknown".length;
const TONES: Readonly<Record<Severity, Tone>> = { ok: "good", none: "faint", warn: "attention", bad: "bad", unknown: "mesh" };
