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
    help: "the FleetService to ask: unix:/path/to.sock, http://127.0.0.1:8787 or https://host:8443; of several, with commas, the first that answers",
  },
  {
    name: "mosaic-home",
    kind: "text",
    value: "folder",
    env: "MOSAIC_HOME",
    default: "~/.config/mosaic",
    help: "where the fleet of this host lives",
  },
  { name: "project-state", kind: "boolean", help: "let it live in ./.mosaic, for a fleet of this folder's own" },
  {
    name: "roster",
    kind: "text",
    value: "path",
    default: "$MOSAIC_HOME/fleet/roster.yaml",
    help: "the roster of this host",
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
  /** The roster of this host. Absolute. */
  readonly rosterPath: string;
  /** True when it was named by flag: then whoever goes by another roster is not asked about this host. */
  readonly isRosterFlagged: boolean;
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
 *  @throws MosaicError USAGE when no home can be told, or two are named */
export function readGlobalOptions(flags: FlagValues, io: Io): GlobalOptions {
  const mosaicHome = flags.boolean("project-state") ? projectState(flags, io) : mosaicHomeOf(flags.text("mosaic-home"), io);
  const roster = flags.text("roster");
  return {
    mosaicHome,
    rosterPath: roster === undefined ? `${mosaicHome}/fleet/roster.yaml` : resolve(io.cwd, atHome(roster, io)),
    isRosterFlagged: roster !== undefined,
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
  return resolve(io.cwd, atHome(given ?? `${home}/.config/mosaic`, io));
}

// The variable is for every fleet of a shell, and gives way; a flag was meant for this very command.
function projectState(flags: FlagValues, io: Io): string {
  if (!flags.wasTyped("mosaic-home")) return resolve(io.cwd, ".mosaic");
  throw new MosaicError("USAGE", "--project-state and --mosaic-home name two homes", { hint: "leave one of them out" });
}

function atHome(path: string, io: Io): string {
  return path.replace(/^~(?=\/|$)/, io.env["HOME"] || "~");
}
