import { existsSync } from "node:fs";
import { type Clock, type Log, MosaicError, type UnitControl, type UnitReading, type UnitTable } from "@mosaic/core";
import { createCoalescer } from "../tmux/coalesce.ts";
import { BusError, ConnectionLost } from "./bus-connection.ts";
import { askManager } from "./errand.ts";
import { createManagerLink, type ManagerLink } from "./manager-link.ts";
import { readUnits } from "./read-units.ts";
import { createUnitControl } from "./unit-control.ts";
import { createMatcher } from "./unit-names.ts";

export interface SystemdOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The user manager's folder. Default: `XDG_RUNTIME_DIR`, else `/run/user/<uid>` as soon as it is there. */
  readonly runtimeDirectory?: string | undefined;
}

/** Connects to the user's systemd over its private socket, now or as soon as there is one and it is needed, and again whenever
 *  the connection is lost; starts no process. Without a manager every reading says so at once. Disposal ends the connection
 *  and nothing else. Only services have a result, restarts and a process here. */
export function connectSystemd(options: SystemdOptions): UnitTable & UnitControl & AsyncDisposable {
  const { clock, log } = options;
  const listeners = new Set<{ readonly call: () => void }>();
  const changes = createCoalescer(clock, CHANGE_INTERVAL_MS, () => {
    for (const { call } of [...listeners]) call();
  });
  const interest = createInterest();
  const link = createManagerLink({
    clock,
    log,
    runtimeDirectory: () => options.runtimeDirectory ?? defaultRuntimeDirectory(),
    onChange(unit) {
      if (unit === undefined || interest.has(unit)) changes.poke();
    },
  });
  return {
    ...createUnitControl(link, clock),
    read(patterns, signal) {
      interest.add(patterns);
      return read(link, clock, patterns, signal);
    },
    onChange(listener) {
      const entry = { call: listener };
      listeners.add(entry);
      link.start();
      return { [Symbol.dispose]: () => void listeners.delete(entry) };
    },
    async [Symbol.asyncDispose]() {
      changes[Symbol.dispose]();
      await link[Symbol.asyncDispose]();
    },
  };
}

/** What the port promises; fast enough that nobody sees it, slow enough that a burst is one look. */
const CHANGE_INTERVAL_MS = 10;

async function read(link: ManagerLink, clock: Clock, patterns: readonly string[], signal: AbortSignal): Promise<UnitReading> {
  try {
    const result = await askManager({ link, clock, signal }, (session) => readUnits(session, patterns));
    return result.kind === "absent" ? result : { kind: "units", units: result.value };
  } catch (error) {
    if (!(error instanceof BusError || error instanceof ConnectionLost)) throw error;
    throw new MosaicError("MACHINE", `cannot read units: ${error.message}`, { cause: error });
  }
}

/** Which units somebody has ever asked for. A user manager has others, a desktop's for example, that change all the time. */
function createInterest() {
  const patterns = new Set<string>();
  let fits = (_unit: string) => false;
  return {
    add(more: readonly string[]) {
      if (more.every((pattern) => patterns.has(pattern))) return;
      for (const pattern of more) patterns.add(pattern);
      fits = createMatcher([...patterns]);
    },
    /** Until somebody asks, every unit is of interest. */
    has: (unit: string) => patterns.size === 0 || fits(unit),
  };
}

function defaultRuntimeDirectory(): string | undefined {
  const { XDG_RUNTIME_DIR: fromEnvironment } = process.env;
  if (fromEnvironment) return fromEnvironment;
  // A session begun by cron or ssh without PAM lacks the variable; the folder may be there all the same.
  const usual = `/run/user/${process.getuid?.()}`;
  return existsSync(usual) ? usual : undefined;
}
