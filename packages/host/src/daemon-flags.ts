import { type ParseArgsOptionDescriptor, parseArgs } from "node:util";
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
 *  @param switches those that take nothing
 *  @throws MosaicError USAGE naming the flag, for one that is unknown or has a value it can't have */
export function parseDaemonFlags<Own extends string, Switch extends string = never>(
  program: string,
  argv: readonly string[],
  own: readonly Own[],
  switches: readonly Switch[] = [],
): DaemonFlags & Readonly<Partial<Record<Own, string> & Record<Switch, boolean>>> {
  try {
    const texts = own.map((name) => [name, { type: "string" }] as const);
    const booleans = switches.map((name) => [name, { type: "boolean" }] as const);
    const options = { ...COMMON, ...Object.fromEntries<ParseArgsOptionDescriptor>([...texts, ...booleans]) };
    const { values } = parseArgs({ args: [...argv], options });
    const level = values["log-level"];
    if (!LOG_LEVELS.includes(level)) throw new Error(`--log-level ${JSON.stringify(level)} is none of ${LOG_LEVELS.join(", ")}`);
    return values as DaemonFlags & Partial<Record<Own, string> & Record<Switch, boolean>>;
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
