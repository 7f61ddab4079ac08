import type { AuditEntry, AuditLog } from "@mosaic/core";
import type { Io } from "../io/io.ts";
import { appendVerification, verificationLogPath } from "../local/verification-log.ts";
import type { Snapshot } from "./snapshot.ts";
import { snapshotText } from "./snapshot.ts";

/** What is put on record of an upgrade or a rollback. */
export type Step =
  | "begin"
  | "installed"
  | "before"
  | "switched"
  | "after"
  | "verdict"
  | "undoing"
  | "undone"
  | "abandoned"
  | "resumed";

type Facts = Readonly<Record<string, string | number | boolean>>;

/** Record of what was verified when versions were changed: one line a step, each on disk before the next step is taken. */
export interface VerificationLog {
  /** @throws MosaicError MACHINE when it can't be written; then what it is about must not be done */
  record(step: Step, facts: Facts): Promise<void>;
}

export interface VerificationLogOptions {
  /** MOSAIC_HOME of the fleet. */
  readonly mosaicHome: string;
  readonly io: Io;
  /** The host's own audit log, which gets begin, verdict and undoing too. */
  readonly audit: AuditLog;
  readonly who: Pick<AuditEntry, "actor" | "tenantId" | "host">;
  readonly verb: "upgrade" | "rollback";
  /** Names this one run in all of its lines. */
  readonly id: string;
}

/** Opens the verification log of a home, in which releases' gates write too. */
export function openVerificationLog({ mosaicHome, io, audit, who, verb, id }: VerificationLogOptions): VerificationLog {
  const path = verificationLogPath(mosaicHome);
  return {
    async record(step, facts) {
      const entry = { ...who, action: `${verb}.${step}`, facts: { run: id, ...facts } };
      if (AUDITED.has(step)) await audit.record(entry);
      await appendVerification(path, entry, io.clock);
    },
  };
}

/** Steps that somebody who reads what was done on the host wants to see there. */
const AUDITED: ReadonlySet<Step> = new Set(["begin", "verdict", "undoing"]);
const MAX_NAMES = 40;

/** What was found, as facts of a record: each agent by name. */
export function snapshotFacts(snapshot: Snapshot): Facts {
  const named = (isLive: boolean) => {
    const names = snapshot.agents.filter(({ live }) => live === isLive).map(({ name }) => name);
    const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
    return `${names.slice(0, MAX_NAMES).join(" ")}${more}`;
  };
  return {
    found: snapshotText(snapshot),
    live: named(true),
    not_live: named(false),
    conditions: snapshot.conditions.join(" "),
  };
}
