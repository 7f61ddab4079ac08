import { parseArgs } from "node:util";
import { MosaicError } from "@mosaic/core";

/** What every daemon may be told. */
export interface DaemonFlags {
  readonly "mosaic-home"?: string;
  readonly socket?: string;
  readonly listen?: readonly string[];
  readonly host?: string;
  readonly "log-level": string;
  readonly help?: boolean;
  readonly version?: boolean;
}

/** Parses a daemon's command line.
 *  @param own names of the flags that only this daemon takes; each takes one text
 *  @throws MosaicError USAGE naming the flag, for one that is unknown or has a value it can't have */
export function parseDaemonFlags<Own extends string>(
  program: string,
  argv: readonly string[],
  own: readonly Own[],
): DaemonFlags & Readonly<Partial<Record<Own, string>>> {
  try {
    const options = { ...COMMON, ...Object.fromEntries(own.map((name) => [name, { type: "string" } as const])) };
    const { values } = parseArgs({ args: [...argv], options });
    const level = values["log-level"];
    if (!LOG_LEVELS.includes(level)) throw new Error(`--log-level ${JSON.stringify(level)} is none of ${LOG_LEVELS.join(", ")}`);
    return values as DaemonFlags & Partial<Record<Own, string>>;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new MosaicError("USAGE", message, { hint: `${program} --help`, cause: thrown });
  }
}

const LOG_LEVELS = ["debug", "info", "warn", "error"];

const COMMON = {
  "mosaic-home": { type: "string" },
  socket: { type: "string" },
  listen: { type: "string", multiple: true },
  host: { type: "string" },
  "log-level": { type: "string", default: "info" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;
