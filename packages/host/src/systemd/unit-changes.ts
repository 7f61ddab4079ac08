import { MosaicError } from "@mosaic/core";
import { type BusConnection, BusError } from "./bus-connection.ts";
import { asNumber, asText, callManager, readUnitProperty } from "./manager-calls.ts";
import type { ManagerSession } from "./manager-session.ts";
import { type Blame, isUnknownUnit, toJobError } from "./systemd-errors.ts";
import { toUnitPath } from "./unit-names.ts";

/** The jobs that a unit can be given. */
export type JobVerb = "start" | "stop" | "restart";

/** Gives a unit a job and waits for its end. To stop an unknown unit is no error.
 *  @throws MosaicError UNIT_FAILED when the job does not end well; BusError when systemd refuses it; ConnectionLost */
export async function runJob({ bus, jobs }: ManagerSession, verb: JobVerb, unit: string): Promise<void> {
  const start = async () => asText((await callManager(bus, JOB_METHODS[verb], "ss", unit, "replace"))[0]);
  try {
    const result = await jobs.run(start);
    if (result !== "done") throw toJobError(verb, unit, result, await blameOf(bus, unit));
  } catch (error) {
    if (verb !== "stop" || !isUnknownUnit(error)) throw error;
  }
}

/** Forgets a unit's failures; an unknown unit has none.
 *  @throws BusError, ConnectionLost */
export async function resetUnit({ bus, details }: ManagerSession, unit: string): Promise<void> {
  await callManager(bus, "ResetFailedUnit", "s", unit).catch(unlessUnknown);
  // systemd tells of no change when the unit runs.
  details.forget(unit);
}

/** Makes units start with the targets that their `[Install]` sections name. The links are there afterwards; a manager that
 *  runs obeys them after a reload.
 *  @throws BusError, ConnectionLost; MosaicError UNIT_FAILED when there is no such section */
export async function enableUnits({ bus, enablement }: ManagerSession, units: readonly string[]): Promise<void> {
  if (units.length === 0) return;
  const [hasInstallSection] = await callManager(bus, "EnableUnitFiles", "asbb", units, false, false);
  enablement.forget();
  if (hasInstallSection !== false) return;
  const message = `cannot enable ${units.map((unit) => `"${unit}"`).join(" ")}: no unit file among them has an [Install] section`;
  throw new MosaicError("UNIT_FAILED", message, { hint: `systemctl --user cat ${units[0]}` });
}

/** Takes such links away.
 *  @throws BusError, ConnectionLost */
export async function disableUnits({ bus, enablement }: ManagerSession, units: readonly string[]): Promise<void> {
  if (units.length === 0) return;
  await callManager(bus, "DisableUnitFiles", "asb", units, false).catch(unlessUnknown);
  enablement.forget();
}

const JOB_METHODS = { start: "StartUnit", stop: "StopUnit", restart: "RestartUnit" } as const satisfies Record<JobVerb, string>;

function unlessUnknown(error: unknown): void {
  if (!isUnknownUnit(error)) throw error;
}

async function blameOf(bus: BusConnection, unit: string): Promise<Blame | undefined> {
  if (!unit.endsWith(".service")) return undefined;
  const read = (property: string) => readUnitProperty(bus, toUnitPath(unit), "Service", property);
  try {
    const [result, restarts] = await Promise.all([read("Result"), read("NRestarts")]);
    return { result: asText(result), restarts: asNumber(restarts) };
  } catch (error) {
    // The job's own result is enough to tell that it failed.
    if (error instanceof BusError) return undefined;
    throw error;
  }
}
