import { type Clock, type Log, MosaicError, type WatchedFiles } from "@mosaic/core";
import { PokedLoop } from "../poked-loop.ts";
import { isSessionId } from "./session-file.ts";

export interface FailedSessionsDeps {
  readonly files: WatchedFiles;
  readonly runDirectory: string;
  /** Called with each agent of which another conversation, or none any more, is on record. */
  readonly onChange: (agentName: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who starts an agent leaves such a file, whether a node runs or not. */
const SUFFIX = ".session.failed";
const MAX_BYTES = 1024;
/** How often the folder is looked at when nothing is told, in ms. */
const LOOK_EVERY_MS = 60_000;

/** Knows which conversation each agent could not go on with when it was last started again: the `<agent>.session.failed` of the
 *  run directory, until somebody takes it away. */
export class FailedSessions implements AsyncDisposable {
  readonly #deps: FailedSessionsDeps;
  readonly #loop: PokedLoop;
  readonly #following: Disposable;
  #failed: ReadonlyMap<string, string> = new Map();

  constructor(deps: FailedSessionsDeps) {
    this.#deps = deps;
    this.#loop = new PokedLoop({ clock: deps.clock, pauseMs: () => LOOK_EVERY_MS, work: () => this.#read() });
    this.#following = deps.files.onChange(deps.runDirectory, (entry) => {
      if (entry === undefined || entry.endsWith(SUFFIX)) this.#loop.poke();
    });
  }

  /** The runtime's id of the conversation; empty: none failed. */
  of(agentName: string): string {
    return this.#failed.get(agentName) ?? "";
  }

  /** Reads what is there; then goes on looking. */
  async start(): Promise<void> {
    await this.#read();
    this.#loop.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#following[Symbol.dispose]();
    await this.#loop[Symbol.asyncDispose]();
  }

  async #read(): Promise<void> {
    const { files, runDirectory, onChange, log } = this.#deps;
    const found = new Map<string, string>();
    try {
      for (const entry of await files.list(runDirectory, SUFFIX)) {
        const sessionId = (await files.read(`${runDirectory}/${entry}`, MAX_BYTES))?.trim() ?? "";
        if (isSessionId(sessionId)) found.set(entry.slice(0, -SUFFIX.length), sessionId);
      }
    } catch (thrown) {
      // What was known stands until the folder can be read again.
      log.debug({ error: MosaicError.from(thrown).message }, "which conversations failed can't be read");
      return;
    }
    const before = this.#failed;
    this.#failed = found;
    for (const agentName of new Set([...before.keys(), ...found.keys()]))
      if (before.get(agentName) !== found.get(agentName)) onChange(agentName);
  }
}
