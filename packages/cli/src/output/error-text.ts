import type { MosaicError } from "@mosaic/core/light";
import { hintOf } from "./hint-of.ts";
import { plainText } from "./plain-text.ts";

/** An error for people: what failed, and what to type next. Its text may come from another machine, so it is made safe line
 *  by line.
 *  @param isVerbose also what caused it, down to the first stack */
export function errorText(error: MosaicError, isVerbose: boolean): string {
  const lines = [...error.message.split("\n").map((line, index) => (index === 0 ? `mosaic: ${line}` : `  ${line}`))];
  const hint = hintOf(error);
  if (hint) lines.push(...hint.split("\n").map((line) => `hint: ${line}`));
  if (isVerbose) lines.push(`code: ${error.code}`, ...causesOf(error));
  return `${lines.map(plainText).join("\n")}\n`;
}

function causesOf(error: MosaicError): string[] {
  const lines: string[] = (error.stack ?? "").split("\n").slice(1);
  let cause = error.cause;
  for (let depth = 0; cause !== undefined && depth < MAX_DEPTH; depth++) {
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    lines.push(...`caused by: ${text}`.split("\n"));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

/** Causes can form a ring. */
const MAX_DEPTH = 8;
