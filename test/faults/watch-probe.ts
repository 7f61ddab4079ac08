import { setTimeout as delay } from "node:timers/promises";
import { FleetView } from "@mosaic/core";
import type { FleetConnection } from "@mosaic/rpc";
import { CHANGED_AT } from "../bench/simulated-host.ts";
import type { Findings } from "../simulation/findings.ts";
import { StreamRecord } from "../simulation/stream-record.ts";

export interface WatchProbeOptions {
  readonly name: string;
  readonly connect: () => FleetConnection;
  readonly findings: Findings;
}

/** Bookmarks it asks for, in ms, and how long it waits for one. */
const INTERVAL_MS = 1000;
const SILENT_MS = 5 * INTERVAL_MS;

/** Follows a fleet over Watch as a careful client does, coming back with its token whatever happens, and checks every frame for
 *  C3 by rules of its own. Disposing leaves. */
export class WatchProbe implements AsyncDisposable {
  readonly #options: WatchProbeOptions;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;
  readonly record: StreamRecord;
  readonly view = new FleetView();
  /** From a simulated change to its being here, in ms, for frames outside snapshots. */
  latenciesMs: number[] = [];
  frames = 0;
  streams = 0;
  isDiverged = false;

  constructor(options: WatchProbeOptions) {
    this.#options = options;
    this.record = new StreamRecord(options.name, options.findings);
    this.#following = this.#follow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const connection = this.#options.connect();
      // Whatever ended the stream, another is opened: that is what is tested.
      await this.#stream(connection).catch(() => {});
      await connection[Symbol.asyncDispose]();
      // Not to be ended early: it is short, and a timer that nobody ends keeps nothing.
      if (!this.#stop.signal.aborted) await delay(200);
    }
  }

  async #stream({ client }: FleetConnection): Promise<void> {
    const call = new AbortController();
    const stop = () => call.abort();
    this.#stop.signal.addEventListener("abort", stop, { once: true });
    let heardAtMs = performance.now();
    const watchdog = setInterval(() => {
      if (performance.now() - heardAtMs > SILENT_MS) call.abort();
    }, INTERVAL_MS);
    try {
      const resumeToken = this.view.startStream() as Uint8Array<ArrayBuffer>;
      this.record.begin(resumeToken);
      this.streams += 1;
      for await (const response of client.watch({ resumeToken, bookmarkIntervalMs: INTERVAL_MS }, { signal: call.signal })) {
        heardAtMs = performance.now();
        this.frames += 1;
        this.record.take(response);
        const { frame } = response;
        if (frame.case === "upsert" && !this.view.isStaging) this.#time(frame.value.stateDetail);
        const step = this.view.apply(response, heardAtMs);
        if (step.kind === "diverged") this.isDiverged = true;
        if (step.kind !== "changed") break;
      }
    } finally {
      clearInterval(watchdog);
      this.#stop.signal.removeEventListener("abort", stop);
      call.abort();
    }
  }

  #time(stateDetail: string): void {
    if (!stateDetail.startsWith(CHANGED_AT)) return;
    const madeMs = Number(stateDetail.slice(CHANGED_AT.length));
    this.latenciesMs.push(performance.timeOrigin + performance.now() - madeMs);
  }
}
