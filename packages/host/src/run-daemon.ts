import { readFile, rm } from "node:fs/promises";
import { writeFileAtomically } from "./files.ts";

/** What a running daemon says of itself in a file, for people and scripts on the same machine. */
export interface DaemonRecord {
  readonly role: "node" | "aggregator";
  readonly pid: number;
  readonly host: string;
  /** Empty for an aggregator. */
  readonly tenant: string;
  readonly id: string;
  readonly version: string;
  /** As `--endpoint` takes them. */
  readonly endpoints: readonly string[];
}

/** Runs a daemon until SIGTERM, SIGINT or SIGHUP, then disposes it; a second signal ends at once.
 *  @param start starts it and says what to put into the record file
 *  @throws what `start` throws */
export async function runDaemon(
  recordPath: string,
  start: () => Promise<{ daemon: AsyncDisposable; record: DaemonRecord }>,
): Promise<void> {
  const signalled = nextSignal();
  const { daemon, record } = await start();
  await writeFileAtomically(recordPath, `${JSON.stringify(record)}\n`, 0o600);
  await signalled;
  await rm(recordPath, { force: true });
  await daemon[Symbol.asyncDispose]();
}

/** Reads the record of a daemon; undefined when there is none or it is torn. Its process may be gone. */
export async function readDaemonRecord(path: string): Promise<DaemonRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as DaemonRecord;
  } catch {
    // Missing or torn are the same to a reader: nobody says that a daemon runs.
    return undefined;
  }
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      process.once(signal, () => {
        resolve();
        process.on(signal, () => process.exit(130));
      });
    }
  });
}
