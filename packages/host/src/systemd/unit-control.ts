import { type Clock, MosaicError, type UnitControl } from "@mosaic/core";
import { askManager, type ErrandOptions, type ErrandResult, runErrand } from "./errand.ts";
import { callManager, readVersion } from "./manager-calls.ts";
import type { ManagerLink } from "./manager-link.ts";
import type { ManagerSession } from "./manager-session.ts";
import { journalOf, toChangeError } from "./systemd-errors.ts";
import { disableUnits, enableUnits, type JobVerb, resetUnit, runJob } from "./unit-changes.ts";

/** Makes the port that changes units. A caller that goes away leaves its job to systemd, which brings it to its end. */
export function createUnitControl(link: ManagerLink, clock: Clock): UnitControl {
  const change = (verb: string, units: readonly string[], signal: AbortSignal, work: Work<void>) =>
    orSay([verb, ...units.map((unit) => `"${unit}"`)].join(" "), units[0], (limits) =>
      runErrand({ link, clock, signal, ...limits }, work),
    );
  const runUnitJob = (verb: JobVerb, unit: string, signal: AbortSignal) =>
    change(verb, [unit], signal, (session) => runJob(session, verb, unit));
  return {
    version: (signal) =>
      orSay("read systemd's version", undefined, () =>
        askManager({ link, clock, signal }, async ({ bus }) => Number.parseInt(await readVersion(bus), 10)),
      ),
    start: (unit, signal) => runUnitJob("start", unit, signal),
    stop: (unit, signal) => runUnitJob("stop", unit, signal),
    restart: (unit, signal) => runUnitJob("restart", unit, signal),
    resetFailed: (unit, signal) => change("reset", [unit], signal, (session) => resetUnit(session, unit)),
    reload: (signal) => change("reload unit files", [], signal, async ({ bus }) => void (await callManager(bus, "Reload"))),
    enable: (units, signal) => change("enable", units, signal, (session) => enableUnits(session, units)),
    disable: (units, signal) => change("disable", units, signal, (session) => disableUnits(session, units)),
  };
}

type Work<T> = (session: ManagerSession) => Promise<T>;
type ChangeLimits = Pick<ErrandOptions, "timeoutMs" | "late" | "isQuestion">;

/** systemd's own limit for a start or a stop is 90 s where nobody set another one. */
const CHANGE_TIMEOUT_MS = 90_000;

/** Runs an errand, and says in the port's words what became of it.
 *  @param what verb and objects, for messages */
async function orSay<T>(
  what: string,
  unit: string | undefined,
  run: (limits: ChangeLimits) => Promise<ErrandResult<T>>,
): Promise<T> {
  const late = () => {
    const message = `cannot ${what}: systemd came to no end within ${CHANGE_TIMEOUT_MS / 1_000} s`;
    return new MosaicError("UNIT_FAILED", message, { hint: journalOf(unit) });
  };
  try {
    const result = await run({ timeoutMs: CHANGE_TIMEOUT_MS, late, isQuestion: false });
    if (result.kind === "done") return result.value;
    throw new MosaicError("NO_SYSTEMD", `cannot ${what}: ${result.reason}`);
  } catch (error) {
    throw toChangeError(what, unit, error);
  }
}
