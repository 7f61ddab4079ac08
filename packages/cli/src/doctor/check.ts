import type { DoctorWorld } from "./doctor-world.ts";

/** One thing that the doctor looks at. */
export interface DoctorCheck {
  /** Its name for `--only` and for programs, for example `lingering`. */
  readonly id: string;
  /** What is looked at, one clause. */
  readonly what: string;
  /** What goes wrong for people when it is not in order, one clause. */
  readonly why: string;
  /** The heading in docs/runbook.md that says more. */
  readonly runbook: string;
  /** Looks, and changes nothing.
   *  @returns at least one finding
   *  @throws MosaicError when it can't be looked at; then the check is `unknown` */
  look(world: DoctorWorld): Promise<readonly Finding[]>;
}

/** `none`: there is nothing of that kind here. `unknown`: it could not be looked at. `bad`: something does not work, or will not
 *  last; `warn`: it works, and should not stay so. */
export type Severity = "ok" | "none" | "warn" | "bad" | "unknown";

/** What a check found. */
export interface Finding {
  readonly severity: Severity;
  /** One clause for people. */
  readonly found: string;
  /** What to type next; empty: nothing. */
  readonly next: string;
  /** What `doctor --fix` does about it. Only what can't do harm has one. */
  readonly fix?: Fix | undefined;
  /** Where the runbook says more, when not under the check's own heading. */
  readonly runbook?: string | undefined;
}

/** A change that can't do harm. */
export interface Fix {
  /** What is done, as a person would type or say it, for example `chmod 700 /home/ada/.config/mosaic/fleet/run`. */
  readonly does: string;
  /** @throws MosaicError when it can't be done */
  apply(): Promise<void>;
}

/** It is in order. */
export function inOrder(found: string): Finding {
  return { severity: "ok", found, next: "" };
}

/** There is nothing of that kind here. */
export function nothingHere(found: string): Finding {
  return { severity: "none", found, next: "" };
}

/** It should not stay so. */
export function warning(found: string, next: string, more: Pick<Finding, "fix" | "runbook"> = {}): Finding {
  return { severity: "warn", found, next, ...more };
}

/** It does not work, or will not last. */
export function fault(found: string, next: string, more: Pick<Finding, "fix" | "runbook"> = {}): Finding {
  return { severity: "bad", found, next, ...more };
}

/** The findings of several things of one kind: those that are not in order, else one word that they are.
 *  @param sound said when none is wrong */
export function faultsOr(findings: readonly Finding[], sound: string): readonly Finding[] {
  return findings.length > 0 ? findings : [inOrder(sound)];
}
