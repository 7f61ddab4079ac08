import type { Condition } from "@mosaic/wire";
import type { Clock } from "../ports/clock.ts";
import { conditionChanges } from "./agent-changes.ts";
import type { EventJournal } from "./fleet-event.ts";

export interface RecordConditionsOptions {
  readonly journal: EventJournal;
  readonly clock: Clock;
  /** As of now. */
  readonly conditions: () => readonly Condition[];
  /** Whose they are. */
  readonly of: { readonly tenantId: string; readonly host: string };
  /** Types that there were when the journal ended. Default: none. */
  readonly known?: ReadonlySet<string> | undefined;
  /** Types of which nothing is kept. Default: none. */
  readonly except?: ReadonlySet<string>;
}

/** How often conditions are looked at, in ms: they change without news, and nobody waits for it. */
const LOOK_EVERY_MS = 10_000;
/** How long what was there before may take to be found again after a start, in ms. */
export const SETTLE_MS = 30_000;

/** Keeps which conditions of a daemon or its host come and go. Disposing ends it. */
export function recordConditions({ journal, clock, conditions, of, known, except }: RecordConditionsOptions): Disposable {
  const end = new AbortController();
  const startedMs = clock.monotonicMs();
  let before: ReadonlyMap<string, string> = new Map([...(known ?? [])].map((type) => [type, ""]));
  const look = () => {
    const now = new Map(conditions().flatMap(({ type, message }) => (except?.has(type) ? [] : [[type, message]])));
    const isSettling = clock.monotonicMs() - startedMs < SETTLE_MS;
    const after = isSettling ? new Map([...before, ...now]) : now;
    for (const change of conditionChanges(before, after)) journal.record({ ...change, ...of, agent: "", traceparent: "" });
    before = after;
  };
  const loop = async () => {
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, end.signal);
      if (end.signal.aborted) return;
      look();
    }
  };
  look();
  void loop();
  return { [Symbol.dispose]: () => end.abort("over") };
}
