import { MosaicError } from "@mosaic/core";
import { BusError, ConnectionLost } from "./bus-connection.ts";

/** Says in our words why a change was refused; what is no refusal of systemd's is passed on as it is.
 *  @param what the verb and the unit or units, for example `start "mosaic-agent@a.service"`
 *  @returns MosaicError UNIT_FAILED for a refusal, NO_SYSTEMD when systemd went away */
export function toChangeError(what: string, unit: string | undefined, error: unknown): unknown {
  if (error instanceof ConnectionLost) {
    return new MosaicError("NO_SYSTEMD", `cannot ${what}: systemd's user manager went away`, {
      hint: "systemctl --user is-system-running",
      cause: error,
    });
  }
  if (!(error instanceof BusError)) return error;
  const { reason, hint } = REFUSALS[error.errorName] ?? { reason: error.message };
  return new MosaicError("UNIT_FAILED", `cannot ${what}: ${reason}`, {
    hint: hint?.(unit ?? "") ?? journalOf(unit),
    cause: error,
  });
}

/** Says why a job did not end well.
 *  @param jobResult systemd's word for it
 *  @param blame what the unit itself tells, where it tells something */
export function toJobError(verb: string, unit: string, jobResult: string, blame: Blame | undefined): MosaicError {
  const words = JOB_RESULTS[jobResult] ?? "it did not end well";
  const { result = "success", restarts = 0 } = (jobResult === "failed" ? blame : undefined) ?? {};
  // systemd 252 keeps the result of the last run when it refuses one more, so that only the restarts show that it is a loop.
  const isLoop = verb !== "stop" && (result === "start-limit-hit" || restarts > 0);
  const facts = [jobResult, ...(result === "success" ? [] : [result]), ...(isLoop ? [`restarted ${restarts} times`] : [])];
  const hint = isLoop ? `systemctl --user reset-failed ${unit}` : journalOf(unit);
  return new MosaicError("UNIT_FAILED", `cannot ${verb} "${unit}": ${words} (${facts.join(", ")})`, { hint });
}

/** What a service tells of its last run. */
export interface Blame {
  readonly result: string;
  readonly restarts: number;
}

/** What to type to see why a unit failed, or, without a unit, what the user manager has to say. */
export function journalOf(unit: string | undefined): string {
  return unit === undefined ? "journalctl --user -n 50" : `journalctl --user -u ${unit} -n 50`;
}

/** The refusal that means that a unit is neither loaded nor has a file. */
export function isUnknownUnit(error: unknown): boolean {
  return error instanceof BusError && error.errorName === "org.freedesktop.systemd1.NoSuchUnit";
}

interface Refusal {
  readonly reason: string;
  readonly hint?: (unit: string) => string;
}

/** From systemd's bus-common-errors.h: those that a user's own units can meet. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  "org.freedesktop.systemd1.NoSuchUnit": { reason: "systemd knows no such unit", hint: () => "mosaic fleet install-systemd" },
  "org.freedesktop.systemd1.UnitMasked": {
    reason: "the unit is masked, which forbids its start",
    hint: (unit) => `systemctl --user unmask ${unit}`,
  },
  "org.freedesktop.systemd1.BadUnitSetting": {
    reason: "its unit file has a setting that systemd does not accept",
    hint: (unit) => `systemd-analyze --user verify ${unit}`,
  },
  "org.freedesktop.systemd1.LoadFailed": {
    reason: "systemd could not load its unit file",
    hint: (unit) => `systemd-analyze --user verify ${unit}`,
  },
  "org.freedesktop.systemd1.ShuttingDown": { reason: "the user manager is shutting down" },
  "org.freedesktop.systemd1.OnlyByDependency": { reason: "the unit refuses to be started or stopped by hand" },
  "org.freedesktop.systemd1.TransactionIsDestructive": { reason: "it conflicts with a stop or start that is under way" },
  "org.freedesktop.systemd1.TransactionJobsConflicting": {
    reason: "what it needs and what it conflicts with contradict each other",
  },
  "org.freedesktop.systemd1.TransactionOrderIsCyclic": { reason: "its units wait for each other in a circle" },
  "org.freedesktop.systemd1.UnitLinked": { reason: "its unit file is a link to elsewhere" },
  "org.freedesktop.systemd1.UnitGenerated": { reason: "its unit file is a generated one" },
  "org.freedesktop.DBus.Error.AccessDenied": { reason: "this user may not" },
  "org.freedesktop.DBus.Error.FileExists": { reason: "a file that is not systemd's link is in the way" },
};

/** Words for a job's result, from systemd's job.c. */
const JOB_RESULTS: Readonly<Record<string, string>> = {
  canceled: "another start or stop took its place",
  timeout: "systemd gave up waiting for it",
  failed: "it failed",
  dependency: "a unit that it needs failed",
  skipped: "it was not needed in the unit's state",
  invalid: "it makes no sense for this unit",
  assert: "a condition asserted in its unit file does not hold",
  unsupported: "this system can't run that kind of unit",
  collected: "nothing needed it any more",
  once: "it runs only once per boot",
};
