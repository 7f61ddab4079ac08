import { MosaicError, nearNames } from "@mosaic/core/light";
import type { Flag } from "./declared.ts";
import { parseDurationMs } from "./duration.ts";
import type { FlagValue } from "./flag-values.ts";

export interface GivenValue {
  /** The flag as typed, or the variable that gave the value. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** True for `--flag=value`. */
  readonly inlineValue?: boolean | undefined;
  /** What the same flag gave earlier on this line. */
  readonly before: FlagValue | undefined;
  readonly flags: readonly Flag[];
  readonly help: string;
}

/** Turns what was typed into a flag's value.
 *  @throws MosaicError USAGE when it is missing or malformed */
export function valueOfFlag(flag: Flag, given: GivenValue): FlagValue {
  if (flag.kind === "boolean") return booleanValue(flag, given);
  const text = textValue(flag, given);
  switch (flag.kind) {
    case "text":
      return text;
    case "texts":
      return [...((given.before as readonly string[] | undefined) ?? []), ...text.split(",").filter((part) => part !== "")];
    case "duration":
      return parseDurationMs(text, given.rawName);
    case "integer":
      return integerValue(text, given);
    case "choice":
      return choiceValue(text, flag, given);
    default:
      return flag.kind satisfies never;
  }
}

function booleanValue(flag: Flag, given: GivenValue): boolean {
  const isVariable = given.rawName === flag.env;
  if (isVariable) return given.value !== "0" && given.value !== "false";
  if (given.inlineValue) throw new MosaicError("USAGE", `${given.rawName} takes no value`, { hint: `see ${given.help}` });
  return true;
}

function textValue(flag: Flag, given: GivenValue): string {
  const { value } = given;
  const isSwallowedFlag = !given.inlineValue && value !== undefined && given.flags.some((each) => value === `--${each.name}`);
  if (value === undefined || isSwallowedFlag) {
    throw new MosaicError("USAGE", `${given.rawName} needs a value: ${flag.value ?? flag.kind}`, { hint: `see ${given.help}` });
  }
  return value;
}

function integerValue(text: string, given: GivenValue): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new MosaicError("USAGE", `${given.rawName}: not a whole number: ${JSON.stringify(text.slice(0, 80))}`, {
      hint: `see ${given.help}`,
    });
  }
  return Number(text);
}

function choiceValue(text: string, flag: Flag, given: GivenValue): string {
  const choices = flag.choices ?? [];
  if (choices.includes(text)) return text;
  const near = nearNames(text, choices, 1)[0];
  throw new MosaicError("USAGE", `${given.rawName}: ${JSON.stringify(text.slice(0, 80))} is none of ${choices.join(", ")}`, {
    hint: near ? `did you mean ${near}?` : `see ${given.help}`,
  });
}
