/** What systemd tells of one unit, in its own words. */
export interface UnitFacts {
  /** The unit's full name, for example `mosaic-agent@lead.service`. */
  readonly unit: string;
  /** ActiveState: `active`, `activating`, `inactive`, `failed`, … */
  readonly active: string;
  /** SubState: `running`, `exited`, `auto-restart`, `dead`, … */
  readonly sub: string;
  /** UnitFileState: `enabled`, `disabled`, `static`, …; empty when there is no unit file. */
  readonly enabled: string;
  /** Result of the last run: `success`, `exit-code`, `start-limit-hit`, …; empty when it never ran. */
  readonly result: string;
  /** Restarts by systemd itself since somebody last started it. */
  readonly restarts: number;
  /** 0: none. */
  readonly mainPid: number;
}

/** What was found when systemd was asked: facts, or that nobody is there to ask, which is no error: a fleet runs without. */
export type UnitReading =
  | { readonly kind: "units"; readonly units: readonly UnitFacts[] }
  | { readonly kind: "absent"; readonly reason: string };

/** Reads units over one connection to the user's systemd; starts no process. */
export interface UnitTable {
  /** Every unit that fits one of the patterns (`*` as in a shell) and is loaded or enabled.
   *  @throws MosaicError MACHINE when systemd is there and does not answer, CANCELLED */
  read(patterns: readonly string[], signal: AbortSignal): Promise<UnitReading>;
  /** Calls back, at most once per 10 ms, after a unit's state or enablement may have changed, or systemd came or went. */
  onChange(listener: () => void): Disposable;
}

/** Changes units. Every call resolves when systemd has done it (for jobs: when the job ended).
 *  @throws MosaicError NO_SYSTEMD when none answers, UNIT_FAILED naming the unit and systemd's reason, CANCELLED */
export interface UnitControl {
  /** systemd's version as a whole number, for example 252. */
  version(signal: AbortSignal): Promise<number>;
  start(unit: string, signal: AbortSignal): Promise<void>;
  /** Succeeds for a unit that does not run or is not known. */
  stop(unit: string, signal: AbortSignal): Promise<void>;
  /** Starts it when it does not run. */
  restart(unit: string, signal: AbortSignal): Promise<void>;
  /** Forgets failures and counted restarts, so that a start is not refused. Succeeds for an unknown unit. */
  resetFailed(unit: string, signal: AbortSignal): Promise<void>;
  /** Reads unit files anew. */
  reload(signal: AbortSignal): Promise<void>;
  enable(units: readonly string[], signal: AbortSignal): Promise<void>;
  /** Succeeds for what is not enabled. */
  disable(units: readonly string[], signal: AbortSignal): Promise<void>;
}
