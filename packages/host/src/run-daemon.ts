import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { MosaicError } from "@mosaic/core";
import { writeFileAtomically } from "./files.ts";
import { assertOwnHome } from "./own-folder.ts";
import { giveSpareMemoryBack } from "./spare-memory.ts";
import { limitYoungGeneration } from "./young-generation.ts";

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

/** A daemon as a program: its command line, and how it is started. */
export interface DaemonProgram<Options> {
  readonly name: string;
  readonly help: string;
  readonly version: string;
  readonly parse: (argv: readonly string[]) => Options | "help" | "version";
  readonly recordPath: (options: Options) => string;
  /** Starts it and says what to put into the record file. What is put on the stack is disposed in reverse when the daemon
   *  ends, and also when it can't start. */
  readonly start: (options: Options, stack: AsyncDisposableStack) => Promise<DaemonRecord>;
}

/** Runs a daemon with this process's arguments until SIGTERM, SIGINT or SIGHUP; a second signal ends it at once. Sets the exit
 *  code: 0 after a signal, the error's own when it could not start. */
export async function runDaemonProgram<Options>(program: DaemonProgram<Options>): Promise<void> {
  try {
    const options = program.parse(process.argv.slice(2));
    if (options === "help") process.stdout.write(program.help);
    else if (options === "version") process.stdout.write(`${program.name} ${program.version}\n`);
    else await serveUntilSignalled(program, options);
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    process.stderr.write(`${program.name}: ${error.message}\n${error.hint === undefined ? "" : `hint: ${error.hint}\n`}`);
    process.exitCode = error.exitCode;
  }
}

async function serveUntilSignalled<Options>(program: DaemonProgram<Options>, options: Options): Promise<void> {
  // Whatever a library makes without saying how, only its user may read.
  process.umask(process.umask() | 0o077);
  await using stack = new AsyncDisposableStack();
  stack.use(limitYoungGeneration());
  stack.use(giveSpareMemoryBack());
  const signalled = nextSignal();
  const recordPath = program.recordPath(options);
  // Before anything is made there.
  await assertOwnHome(dirname(recordPath));
  const record = await program.start(options, stack);
  await writeFileAtomically(recordPath, `${JSON.stringify(record)}\n`, 0o600);
  stack.defer(() => rm(recordPath, { force: true }));
  await signalled;
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
