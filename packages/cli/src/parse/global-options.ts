import { resolve } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import type { Io } from "../io/io.ts";
import type { Flag } from "./declared.ts";
import type { FlagValues } from "./flag-values.ts";

/** Flags that every command takes. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { name: "json", kind: "boolean", help: "print the answer as one JSON envelope" },
  {
    name: "endpoint",
    kind: "text",
    value: "address",
    env: "MOSAIC_ENDPOINT",
    help: "the FleetService to ask: unix:/path/to.sock or http://127.0.0.1:8787",
  },
  {
    name: "mosaic-home",
    kind: "text",
    value: "folder",
    env: "MOSAIC_HOME",
    default: "~/.config/mosaic",
    help: "where the fleet of this host lives",
  },
  { name: "timeout", kind: "duration", value: "time", default: "5s", help: "how long to wait for an answer" },
  { name: "no-color", kind: "boolean", help: "no colours (as NO_COLOR does)" },
  { name: "verbose", kind: "boolean", env: "MOSAIC_DEBUG", help: "with an error, print what caused it" },
  { name: "help", short: "h", kind: "boolean", help: "print the manual of the command" },
];

/** What the flags that every command takes were set to. */
export interface GlobalOptions {
  /** Absolute. */
  readonly mosaicHome: string;
  /** As given by flag or variable. */
  readonly endpoint: string | undefined;
  /** True when `endpoint` came from the flag, so that it is meant for this very command. */
  readonly isEndpointFlagged: boolean;
  /** As given; undefined: the command's own default. */
  readonly timeoutMs: number | undefined;
  readonly isJson: boolean;
  readonly noColor: boolean;
  readonly isVerbose: boolean;
}

/** The default of `--timeout`, in ms. */
export const DEFAULT_TIMEOUT_MS = 5000;

/** Reads the flags that every command takes.
 *  @throws MosaicError USAGE when no home can be told */
export function readGlobalOptions(flags: FlagValues, io: Io): GlobalOptions {
  return {
    mosaicHome: mosaicHomeOf(flags.text("mosaic-home"), io),
    endpoint: flags.text("endpoint"),
    isEndpointFlagged: flags.wasTyped("endpoint"),
    timeoutMs: flags.durationMs("timeout"),
    isJson: flags.boolean("json"),
    noColor: flags.boolean("no-color"),
    isVerbose: flags.boolean("verbose"),
  };
}

function mosaicHomeOf(given: string | undefined, io: Io): string {
  const home = io.env["HOME"] ?? "";
  if (given === undefined && home === "") {
    throw new MosaicError("USAGE", "cannot tell where the fleet lives: HOME is not set", { hint: "give --mosaic-home" });
  }
  const path = given ?? `${home}/.config/mosaic`;
  return resolve(io.cwd, path.replace(/^~(?=\/|$)/, home || "~"));
}
