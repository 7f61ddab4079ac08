import type { EventJournal, Happening } from "./fleet-event.ts";

export interface RecordDaemonOptions {
  readonly journal: EventJournal;
  readonly of: { readonly tenantId: string; readonly host: string };
  /** Of the daemon. */
  readonly version: string;
  /** Version of the one before, if that did not stop. */
  readonly unstopped: string | undefined;
}

/** Keeps that a daemon started, and what became of the one before it; disposing keeps that it stopped. */
export function recordDaemon({ journal, of, version, unstopped }: RecordDaemonOptions): Disposable {
  const base = { ...of, agent: "", traceparent: "" };
  const crashed = "the one before it ended without a word: it was killed, it crashed, or the machine went off";
  const started: Happening = {
    ...base,
    kind: "daemon.started",
    from: unstopped ?? "",
    to: version,
    reason: unstopped ? crashed : "",
  };
  journal.record(started);
  return {
    [Symbol.dispose]: () => journal.record({ ...base, kind: "daemon.stopped", from: version, to: "", reason: "" }),
  };
}
