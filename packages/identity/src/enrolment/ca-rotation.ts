import { MosaicError } from "@mosaic/core";

/** How far the change of a fleet's root has come. `steady`: there is one root. `added`: everybody is told of the next one.
 *  `trusted`: everybody has said that they trust it. `signing`: certificates are made under it. Dropping the old one ends in `steady`. */
export type RotationPhase = "steady" | "added" | "trusted" | "signing";

/** A step that a person takes; each leads from one phase to the next. */
export type RotationStep = "add" | "trust" | "sign" | "drop";

/** What is on disk of the authority besides its keys (`ca/state.json`). */
export interface CaState {
  readonly fleet: string;
  readonly phase: RotationPhase;
  /** Pin of the root in use. */
  readonly rootPin: string;
  /** Pin of the root that comes; absent while steady. */
  readonly nextRootPin?: string | undefined;
}

/** A member of the fleet as far as a change of roots goes. */
export interface MemberTrust {
  /** For people: `tenant/team-a/host/…`. */
  readonly name: string;
  /** Pins of the roots that it has confirmed. */
  readonly rootPins: readonly string[];
  /** Pin of the root that its certificate leads to. */
  readonly signedUnder: string;
}

const STEPS: Readonly<Record<RotationPhase, RotationStep>> = { steady: "add", added: "trust", trusted: "sign", signing: "drop" };
const AFTER: Readonly<Record<RotationStep, RotationPhase>> = { add: "added", trust: "trusted", sign: "signing", drop: "steady" };

/** The step that may be taken now. */
export function nextStep(state: Pick<CaState, "phase">): RotationStep {
  return STEPS[state.phase];
}

/** The phase that a step leads to, after looking that it may be taken.
 *  @param left members that may be left behind, by name: they will have to be invited again
 *  @throws MosaicError NOT_ALLOWED for a step out of order, and while members would lose the fleet, naming them */
export function takeStep(
  state: CaState,
  step: RotationStep,
  members: readonly MemberTrust[],
  left: readonly string[] = [],
): RotationPhase {
  const due = nextStep(state);
  if (step !== due)
    throw new MosaicError("NOT_ALLOWED", `cannot ${step}: the fleet's authority is ${state.phase}`, { hint: hintFor(due) });
  const waiting = waitingFor(state, members).filter(({ name }) => !left.includes(name));
  if (waiting.length === 0) return AFTER[step];
  const names = waiting.slice(0, 5).map(({ name }) => name);
  const more = waiting.length > names.length ? ` and ${waiting.length - names.length} more` : "";
  const lack = step === "trust" ? "have not confirmed the next root" : "still have a certificate under the old root";
  throw new MosaicError("NOT_ALLOWED", `cannot ${step}: ${waiting.length} members ${lack}: ${names.join(", ")}${more}`, {
    hint: "wait until they were in touch (mosaic fleet ca status), or leave one behind: --without <name>",
  });
}

/** Members that would lose the fleet if the next step were taken now. */
export function waitingFor(state: CaState, members: readonly MemberTrust[]): readonly MemberTrust[] {
  const { nextRootPin = "" } = state;
  if (state.phase === "added") return members.filter(({ rootPins }) => !rootPins.includes(nextRootPin));
  if (state.phase === "signing") return members.filter(({ signedUnder }) => signedUnder !== nextRootPin);
  return [];
}

function hintFor(step: RotationStep): string {
  return `the next step is: mosaic fleet ca rotate ${step}`;
}

/** Reads `ca/state.json`.
 *  @throws MosaicError IDENTITY_REFUSED for a text that is none */
export function parseCaState(text: string, what: string): CaState {
  let document: Record<string, unknown> = {};
  try {
    document = (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    // It is told below, as any other text that is none.
  }
  const { fleet, phase, root_pin: rootPin, next_root_pin: nextRootPin } = document;
  const isPhase = typeof phase === "string" && Object.hasOwn(STEPS, phase);
  if (typeof fleet !== "string" || typeof rootPin !== "string" || !isPhase)
    throw new MosaicError("IDENTITY_REFUSED", `${what} does not say how the fleet's authority is`);
  return { fleet, phase: phase as RotationPhase, rootPin, ...(typeof nextRootPin === "string" ? { nextRootPin } : {}) };
}

/** Writes it. */
export function formatCaState({ fleet, phase, rootPin, nextRootPin }: CaState): string {
  return `${JSON.stringify({ fleet, phase, root_pin: rootPin, next_root_pin: nextRootPin })}\n`;
}
