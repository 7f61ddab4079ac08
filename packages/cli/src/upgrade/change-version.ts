import { type Clock, MosaicError } from "@mosaic/core/light";
import type { Intent } from "./intent.ts";
import type { RefreshReport } from "./refresh-units.ts";
import type { ByHandDaemon, RestartOutcome } from "./restart-daemons.ts";
import { type Snapshot, startedAnew, whatIsWorse } from "./snapshot.ts";
import { type Target, targetText } from "./target.ts";
import { snapshotFacts, type VerificationLog } from "./verification-log.ts";

/** What a change of version does to the world. */
export interface ChangeWorld {
  readonly snapshot: () => Promise<Snapshot>;
  /** @param replaced to which a rollback goes from there; undefined: as it is written */
  readonly switchTo: (target: Target, replaced: string | undefined) => Promise<void>;
  readonly refreshUnits: (target: Target) => Promise<RefreshReport>;
  readonly daemonsByHand: (before: Snapshot) => Promise<readonly ByHandDaemon[]>;
  readonly restartDaemons: (
    target: Target,
    before: Snapshot,
    byHand: readonly ByHandDaemon[],
  ) => Promise<readonly RestartOutcome[]>;
  readonly keep: (intent: Intent) => Promise<void>;
  readonly drop: () => Promise<void>;
  readonly log: VerificationLog;
  readonly say: (line: string) => void;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly signal: AbortSignal;
  /** How long a host has until it stands as before. */
  readonly waitMs: number;
}

/** What a change of version came to. */
export interface Change {
  /** `kept`: the new one is used. `undone`: the old one is, since the new one was worse. `worse`: what is used now is worse than before,
   *  and stays. */
  readonly verdict: "kept" | "undone" | "worse";
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** What was worse with the new one. */
  readonly worse: readonly string[];
  /** How it stood after the old one was brought back. Null: it was not. */
  readonly undone: Snapshot | null;
  /** What is worse then. */
  readonly stillWorse: readonly string[];
  readonly daemons: readonly RestartOutcome[];
  readonly units: RefreshReport;
  /** Agents with another process than before. */
  readonly startedAnew: readonly string[];
}

/** Where one of the two ways ended. */
interface Arrival {
  readonly after: Snapshot;
  readonly worse: readonly string[];
  readonly daemons: readonly RestartOutcome[];
  readonly units: RefreshReport;
}

/** Changes the version that is used, or goes on with a change that was killed: looks how it stands, switches, writes units anew, starts
 *  the daemons anew, and looks again until it stands as before. An upgrade that is worse is undone. Each step is on record before the
 *  next.
 *  @param intent what is wanted, in the phase in which it was left
 *  @throws MosaicError CANCELLED with how to go on; MACHINE when a step can't be put on record */
export async function changeVersion(world: ChangeWorld, intent: Intent & { readonly to: Target }): Promise<Change> {
  const started = await begin(world, intent).catch(async (thrown: unknown) => {
    // Nothing was switched yet, so that nothing is left half done.
    if (intent.phase === "installing") await world.drop();
    throw thrown;
  });
  const { before } = started;
  try {
    if (started.phase === "undoing") return await undo(world, started, undefined);
    const there = await arrive(world, started, started.to, started.verb === "upgrade" ? replacedBy(started) : undefined);
    await world.log.record("after", { ...snapshotFacts(there.after), worse: there.worse.join("; ") });
    if (there.worse.length > 0 && started.verb === "upgrade") return await undo(world, started, there);
    const verdict = there.worse.length === 0 ? "kept" : "worse";
    await world.log.record("verdict", { verdict, from: targetText(started.from), to: targetText(started.to) });
    await world.drop();
    return { verdict, before, ...there, undone: null, stillWorse: [], startedAnew: startedAnew(before, there.after) };
  } catch (thrown) {
    throw leftHalfDone(started, thrown);
  }
}

type Started = Intent & { readonly to: Target; readonly before: Snapshot };

async function begin(world: ChangeWorld, intent: Intent & { readonly to: Target }): Promise<Started> {
  if (intent.phase !== "installing" && intent.before !== null) {
    await world.log.record("resumed", { phase: intent.phase, from: targetText(intent.from), to: targetText(intent.to) });
    return { ...intent, before: intent.before };
  }
  const before = await world.snapshot();
  await world.log.record("before", snapshotFacts(before));
  const by_hand = await world.daemonsByHand(before);
  const started = { ...intent, phase: "switching", before, by_hand } as const;
  await world.keep(started);
  return started;
}

async function arrive(world: ChangeWorld, started: Started, target: Target, replaced: string | undefined): Promise<Arrival> {
  const { before, by_hand } = started;
  world.say(`switching to ${targetText(target)}`);
  await world.switchTo(target, replaced);
  await world.log.record("switched", { to: targetText(target) });
  if (started.phase === "switching") await world.keep({ ...started, phase: "verifying" });
  const units = await world.refreshUnits(target);
  const names = before.daemons.filter(({ answers }) => answers).map(({ role }) => `mosaic-${role}`);
  if (names.length > 0) world.say(`starting ${names.join(" and ")} anew; agents run on`);
  const daemons = await world.restartDaemons(target, before, by_hand);
  const looked = await lookUntilAsBefore(world, before, target, daemons);
  return { ...looked, daemons, units };
}

async function undo(world: ChangeWorld, started: Started, there: Arrival | undefined): Promise<Change> {
  const undoing = { ...started, phase: "undoing" } as const;
  await world.keep(undoing);
  const worse = there?.worse ?? [];
  for (const line of worse) world.say(`worse than before: ${line}`);
  await world.log.record("undoing", { to: targetText(started.from), worse: worse.join("; ") });
  const back = await arrive(world, undoing, started.from, undefined);
  await world.log.record("undone", { ...snapshotFacts(back.after), worse: back.worse.join("; ") });
  const verdict = back.worse.length === 0 ? "undone" : "worse";
  await world.log.record("verdict", { verdict, from: targetText(started.from), to: targetText(started.from) });
  await world.drop();
  const { before } = started;
  return {
    ...{ verdict, before, worse, after: there?.after ?? back.after, undone: back.after, stillWorse: back.worse },
    ...{ daemons: back.daemons, units: back.units, startedAnew: startedAnew(before, back.after) },
  };
}

const LOOK_EVERY_MS = 500;
/** A daemon that answers once and is gone at once does not count as one that answers. */
const SETTLE_MS = 1000;

async function lookUntilAsBefore(
  world: ChangeWorld,
  before: Snapshot,
  target: Target,
  daemons: readonly RestartOutcome[],
): Promise<Pick<Arrival, "after" | "worse">> {
  const roles = daemons.filter(({ outcome }) => outcome !== "left alone").map(({ role }) => role);
  const failures = daemons.filter(({ outcome }) => outcome === "failed" || outcome === "silent");
  const endsAtMs = world.clock.monotonicMs() + (failures.length > 0 ? 0 : world.waitMs);
  let said = "";
  for (let good: Snapshot | undefined; ; ) {
    const after = await world.snapshot();
    const failed = failures
      .filter(({ role }) => !after.daemons.some((daemon) => daemon.role === role && daemon.answers))
      .map(({ role, detail }) => `mosaic-${role} did not start: ${detail}`);
    const leftMs = endsAtMs - world.clock.monotonicMs();
    const isUnsteady = good !== undefined && !hasSamePids(good, after);
    const isTold = (line: string) => failures.some(({ role }) => failed.length > 0 && line === `mosaic-${role} does not answer`);
    const worse = [
      ...failed,
      ...whatIsWorse(before, after, { version: target.version, roles }).filter((line) => !isTold(line)),
      ...(isUnsteady && leftMs <= 0 ? ["a daemon ends and is started over and over"] : []),
    ];
    if (worse.length === 0 && good && !isUnsteady) return { after, worse };
    good = worse.length === 0 ? after : undefined;
    if (leftMs <= 0 && worse.length > 0) return { after, worse };
    const [first = ""] = worse;
    if (first !== "" && first !== said) world.say(`waiting: ${first}`);
    said = first;
    await world.clock.sleep(good ? SETTLE_MS : Math.min(LOOK_EVERY_MS, leftMs), world.signal);
    world.signal.throwIfAborted();
  }
}

function hasSamePids(one: Snapshot, other: Snapshot): boolean {
  const pids = ({ daemons }: Snapshot) => daemons.map(({ role, pid }) => `${role} ${pid}`).join();
  return pids(one) === pids(other);
}

function replacedBy({ from, to }: Started): string | undefined {
  return from.kind === "version" && to.version !== from.version ? from.version : undefined;
}

function leftHalfDone({ verb, to, from }: Started, thrown: unknown): MosaicError {
  const error = MosaicError.from(thrown);
  const what = error.code === "CANCELLED" ? "interrupted" : error.message;
  const go =
    verb === "upgrade"
      ? `mosaic upgrade ${to.version} goes on, mosaic rollback goes back to ${targetText(from)}`
      : "mosaic rollback goes on";
  return new MosaicError(error.code, `the ${verb} to ${targetText(to)} is half done: ${what}`, { hint: go, cause: thrown });
}
