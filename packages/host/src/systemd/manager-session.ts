import type { Clock } from "@mosaic/core";
import { type BusConnection, type BusSignal, ConnectionLost } from "./bus-connection.ts";
import { connectBus } from "./connect-bus.ts";
import { createEnablement, type Enablement } from "./enablement.ts";
import { createJobWaits, type JobWaits } from "./job-waits.ts";
import { callManager, MANAGER } from "./manager-calls.ts";
import { createUnitDetails, type UnitDetailsMemory } from "./unit-details.ts";
import { fromUnitPath } from "./unit-names.ts";

/** One connection to a user manager, with all that is remembered of it: what was learnt over one connection is forgotten with
 *  it. */
export interface ManagerSession {
  readonly bus: BusConnection;
  readonly details: UnitDetailsMemory;
  readonly enablement: Enablement;
  readonly jobs: JobWaits;
}

export interface SessionOptions {
  readonly socketPath: string;
  /** The manager's `XDG_RUNTIME_DIR`. */
  readonly runtimeDirectory: string;
  readonly clock: Clock;
  /** Told of a unit that may have changed; `undefined`: any may. What was remembered of it is forgotten before. */
  readonly onChange: (unit: string | undefined) => void;
  readonly signal: AbortSignal;
}

/** Connects, and keeps the memory true by the manager's signals.
 *  @throws as {@link connectBus} */
export async function openSession(options: SessionOptions): Promise<ManagerSession> {
  let onSignal = (_signal: BusSignal) => {};
  const bus = await connectBus(options.socketPath, (signal) => onSignal(signal), options.signal);
  const { clock, runtimeDirectory, onChange } = options;
  const session = {
    bus,
    details: createUnitDetails(bus, clock),
    enablement: createEnablement({ bus, runtimeDirectory, clock }),
    jobs: createJobWaits(),
  };
  onSignal = (signal) => obeySignal(session, signal, onChange);
  void bus.closed.then(() => session.jobs.giveUp(new ConnectionLost("the D-Bus connection ended before the job")));
  // systemd 252 tells a private connection everything unasked; the interface promises it only to those who subscribe.
  callManager(bus, "Subscribe").catch(() => {
    // Refused or lost: the first does no harm, the second is told by the connection's end.
  });
  return session;
}

function obeySignal(session: ManagerSession, signal: BusSignal, onChange: SessionOptions["onChange"]): void {
  const unit = unitOf(signal);
  if (unit !== undefined) {
    session.details.forget(unit);
    if (signal.member === "JobRemoved") session.jobs.onRemoved(String(signal.body[1]), String(signal.body[3]));
    return onChange(unit);
  }
  if (signal.interface !== MANAGER || !TELLS_OF_FILES.has(signal.member)) return;
  session.enablement.forget();
  // A reload may have changed everything; it begins and ends with this signal, and only the end is worth a look.
  if (signal.member === "Reloading") {
    if (signal.body[0] === true) return;
    session.details.forgetAll();
  }
  onChange(undefined);
}

const TELLS_OF_FILES: ReadonlySet<string> = new Set(["UnitFilesChanged", "Reloading"]);

/** The unit that a signal is about, or undefined when it is about no unit, or about nothing that we look at. */
function unitOf({ interface: name, member, path, body }: BusSignal): string | undefined {
  if (member === "PropertiesChanged") return fromUnitPath(path);
  if (name !== MANAGER) return undefined;
  if (member === "UnitNew" || member === "UnitRemoved") return String(body[0]);
  return member === "JobRemoved" ? String(body[2]) : undefined;
}
