import { type Clock, type Log, MosaicError, type SpoolFolder } from "@mosaic/core";
import { type Agent, Evidence } from "@mosaic/wire";
import type { MannersOf } from "../delivery/manners.ts";
import { PokedLoop } from "../poked-loop.ts";
import type { AgentReports } from "./agent-reports.ts";
import type { ProcessRoll } from "./process-roll.ts";

export interface SpoolDeps {
  readonly folder: SpoolFolder;
  readonly reports: Pick<AgentReports, "hear">;
  readonly mannersOf: MannersOf;
  readonly rowOf: (agentName: string) => Agent | undefined;
  readonly processes: Pick<ProcessRoll, "isCurrent">;
  /** Resolves when rows and processes are as they were at the time of the call, or later. */
  readonly refreshRows: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Events are listed in portions of this many. */
const PORTION = 256;
/** How often the folder is looked at when nothing is told, in ms; and how long what can't be taken waits. */
const LOOK_EVERY_MS = 5000;
const AGAIN_MS = 1000;

/** Reads the events that agents' hooks left, in their order, and takes each away when what it means can't be lost any more. What
 *  can't be understood is set aside and holds nothing up. */
export class Spool implements AsyncDisposable {
  readonly #deps: SpoolDeps;
  readonly #loop: PokedLoop;
  #pauseMs = LOOK_EVERY_MS;
  #following: Disposable | undefined;
  /** When rows were last asked for, on the monotonic clock. */
  #rowsAtMs: number;

  constructor(deps: SpoolDeps) {
    this.#deps = deps;
    this.#rowsAtMs = deps.clock.monotonicMs();
    this.#loop = new PokedLoop({ clock: deps.clock, pauseMs: () => this.#pauseMs, work: () => this.#look() });
  }

  /** Reads what waits; then goes on reading what comes. */
  async start(): Promise<void> {
    // Before the reading: what comes during it is read by the loop.
    this.#following = this.#deps.folder.onChange(() => this.#loop.poke());
    await this.#look();
    this.#loop.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#following?.[Symbol.dispose]();
    await this.#loop[Symbol.asyncDispose]();
  }

  async #look(): Promise<void> {
    this.#pauseMs = (await this.#readAll()) ? LOOK_EVERY_MS : AGAIN_MS;
  }

  /** @returns false: something could not be taken now */
  async #readAll(): Promise<boolean> {
    const { folder, log } = this.#deps;
    try {
      for (;;) {
        const names = await folder.list(PORTION);
        for (const name of names) {
          if (this.#loop.isStopped) return true;
          await this.#take(name);
        }
        if (names.length < PORTION) return true;
      }
    } catch (thrown) {
      // What agents said waits where it is.
      log.warn({ error: MosaicError.from(thrown).message }, "the agents' events can't be taken now");
      return false;
    }
  }

  async #take(name: string): Promise<void> {
    const { folder, log } = this.#deps;
    const origin = originOf(name);
    const event = origin && (await folder.read(name).catch((thrown: unknown) => refused(thrown)));
    if (origin === undefined || event === "refused") {
      log.warn({ event: name.slice(0, 200) }, "something in the spool is no event, and was taken away");
      return await folder.remove(name);
    }
    if (event === undefined) return;
    const payload = parsed(event.text);
    if (payload === undefined) {
      log.warn({ event: name, bytes: event.text.length }, "an event can't be understood, and was set aside");
      return await folder.setAside(name);
    }
    await this.#hear(origin.agentName, payload, origin.atUnixMs ?? event.modifiedUnixMs);
    await folder.remove(name);
  }

  async #hear(agentName: string, payload: unknown, atUnixMs: number): Promise<void> {
    const { reports, mannersOf, rowOf } = this.#deps;
    await this.#catchUp(agentName, atUnixMs);
    const row = rowOf(agentName);
    // What really runs there is who wrote it.
    const manners = row && mannersOf(row.driftRuntime ?? row.runtime);
    const report = manners?.hear?.({ payload, atUnixMs });
    if (report) await reports.hear(agentName, report, { atUnixMs, evidence: Evidence.HOOK });
  }

  // An agent that was started again may speak before its new process is in its row, and that it started is all that it says until
  // it is asked something: taken for a word of the old process, or of none, it would be lost.
  async #catchUp(agentName: string, atUnixMs: number): Promise<void> {
    const { processes, refreshRows, clock } = this.#deps;
    const isShownByRows = clock.nowUnixMs() - atUnixMs >= clock.monotonicMs() - this.#rowsAtMs;
    if (isShownByRows || processes.isCurrent(agentName)) return;
    this.#rowsAtMs = clock.monotonicMs();
    await refreshRows();
  }
}

/** `<unix time in ns>-<pid>.<agent>.json`, or `progress.<agent>.json`, which bears no time. */
function originOf(name: string): { readonly agentName: string; readonly atUnixMs: number | undefined } | undefined {
  const [, time, agentName] = /^(?:(\d{1,19})-\d+|progress)\.([A-Za-z0-9_.-]{1,200})\.json$/.exec(name) ?? [];
  if (agentName === undefined) return undefined;
  return { agentName, atUnixMs: time === undefined ? undefined : Number(BigInt(time) / 1_000_000n) };
}

function refused(thrown: unknown): "refused" {
  if (MosaicError.from(thrown).code === "USAGE") return "refused";
  throw thrown;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    // Torn by a power cut, or not of ours.
    return undefined;
  }
}
