import type { TextView } from "../command.ts";
import type { CheckAnswer, CheckItem } from "../fleet/check-answer.ts";
import { padToWidth } from "./cell-width.ts";
import { plainText } from "./plain-text.ts";
import type { Style, Tone } from "./style.ts";

/** Draws a check for people: one line for each thing, with what to type next, and a last line with the sum.
 *  @param isShort only what is not in order */
export function checkText(answer: CheckAnswer, isShort: boolean, { style }: TextView): string {
  const shown = isShort ? answer.items.filter((item) => item.level !== "ok") : answer.items;
  const width = Math.max(0, ...shown.map((item) => item.check.length));
  return `${[...shown.map((item) => lineOf(item, width, style)), sumOf(answer)].join("\n")}\n`;
}

function lineOf(item: CheckItem, width: number, style: Style): string {
  const level = style(TONES[item.level], item.level) + " ".repeat("missing".length - item.level.length);
  const next = item.next === "" ? "" : `; next: ${plainText(item.next)}`;
  return `${level}  ${padToWidth(plainText(item.check), width)}  ${plainText(item.message)}${next}`;
}

function sumOf({ items }: CheckAnswer): string {
  const missing = items.filter((item) => item.level === "missing").length;
  const warned = items.filter((item) => item.level === "warn").length;
  const more = warned === 0 ? "" : `, ${warned} to look at`;
  if (missing > 0) return `Not ready: ${missing} missing${more}.`;
  return warned === 0 ? "This host has what a durable fleet needs." : `Nothing is missing${more}.`;
}

const TONES: Readonly<Record<CheckItem["level"], Tone>> = { ok: "good", warn: "attention", missing: "bad" };
