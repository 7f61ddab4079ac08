import { parseArgs } from "node:util";
import { MosaicError, nearNames } from "@mosaic/core/light";
import type { Flag } from "./declared.ts";
import { valueOfFlag } from "./flag-value.ts";
import { type FlagValue, FlagValues } from "./flag-values.ts";

export interface ParsedFlags {
  readonly args: readonly string[];
  readonly flags: FlagValues;
}

/** Reads the flags and arguments that follow a command's name. The last of several values wins, except for `texts`.
 *  @param help the command that shows what there is, for hints
 *  @throws MosaicError USAGE for an unknown flag (with near ones), a missing or malformed value */
export function parseFlags(argv: readonly string[], flags: readonly Flag[], env: Env, help: string): ParsedFlags {
  const values = new Map<string, FlagValue>();
  const args: string[] = [];
  for (const token of tokensOf(argv, flags)) {
    if (token.kind === "positional") args.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.find((each) => each.name === token.name);
    if (!flag) throw unknownFlag(token.rawName, flags, help);
    values.set(flag.name, valueOfFlag(flag, { ...token, before: values.get(flag.name), flags, help }));
  }
  const typed = new Set(values.keys());
  for (const flag of flags) {
    const fallback = flag.env === undefined ? undefined : env[flag.env];
    if (fallback === undefined || fallback === "" || values.has(flag.name)) continue;
    values.set(flag.name, valueOfFlag(flag, { rawName: flag.env ?? "", value: fallback, before: undefined, flags, help }));
  }
  return { args, flags: new FlagValues(flags, values, typed) };
}

type Env = Readonly<Record<string, string | undefined>>;

// Not strict: Node's own refusals name neither near flags nor the way on, so every check is ours.
function tokensOf(argv: readonly string[], flags: readonly Flag[]) {
  const options = Object.fromEntries(
    flags.map((flag) => [
      flag.name,
      {
        type: flag.kind === "boolean" ? ("boolean" as const) : ("string" as const),
        ...(flag.short ? { short: flag.short } : {}),
      },
    ]),
  );
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function unknownFlag(rawName: string, flags: readonly Flag[], help: string): MosaicError {
  const near = nearNames(
    rawName.replace(/^-+/, ""),
    flags.map((flag) => flag.name),
  );
  const hint = near.length > 0 ? `did you mean ${near.map((name) => `--${name}`).join(", ")}?` : `see ${help}`;
  return new MosaicError("USAGE", `unknown flag ${rawName}`, { hint });
}
