import { FleetView } from "@mosaic/core";
import type { SimNetwork } from "./sim-network.ts";
import { type SimLife, SimProcess } from "./sim-process.ts";

/** Bookmarks that watchers ask for, in ms. */
const INTERVAL_MS = 2000;

/** A client that follows one server over Watch with the product's own view, and comes back whatever happens (rule W6). */
export class SimWatcher extends SimProcess {
  readonly target: string;
  readonly #network: SimNetwork;
  #stop = new AbortController();
  view = new FleetView();
  /** Time it takes over each frame, in ms. */
  frameMs = 0;
  /** Why it started over from nothing, if it did: the view did not add up. */
  divergence: string | undefined;
  isEnded = false;

  constructor(name: string, target: string, network: SimNetwork) {
    super(name, 0, 0);
    this.target = target;
    this.#network = network;
  }

  start(): void {
    void this.#follow(this.begin(this.#network.time));
  }

  /** Leaves, as a client does that is no longer interested. */
  leave(): void {
    this.#stop.abort();
  }

  async #follow(life: SimLife): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const connection = this.#network.connect(life, this.target);
      const call = new AbortController();
      const stop = () => call.abort();
      signal.addEventListener("abort", stop, { once: true });
      let heardAtMs = life.clock.monotonicMs();
      const watchdog = this.#watchSilence(life, call, () => heardAtMs);
      try {
        const request = { resumeToken: this.view.startStream() as Uint8Array<ArrayBuffer>, bookmarkIntervalMs: INTERVAL_MS };
        for await (const frame of connection.client.watch(request, { signal: call.signal })) {
          heardAtMs = life.clock.monotonicMs();
          const step = this.view.apply(frame, heardAtMs);
          if (step.kind === "diverged") this.divergence = step.detail;
          if (step.kind !== "changed") break;
          if (this.frameMs > 0) {
            await life.clock.sleep(this.frameMs, call.signal);
            heardAtMs = life.clock.monotonicMs();
          }
        }
      } catch {
        // Whatever ended the stream, another is opened: that is what is tested.
      }
      call.abort();
      signal.removeEventListener("abort", stop);
      await watchdog;
      await connection[Symbol.asyncDispose]();
      await life.clock.sleep(500, signal);
    }
    this.isEnded = true;
  }

  async #watchSilence(life: SimLife, call: AbortController, heardAtMs: () => number): Promise<void> {
    while (!call.signal.aborted) {
      const silentMs = life.clock.monotonicMs() - heardAtMs();
      // Its pace may change while it waits.
      await life.clock.sleep(Math.max(1000, 3 * INTERVAL_MS - silentMs + 1), call.signal);
      if (life.clock.monotonicMs() - heardAtMs() > 3 * INTERVAL_MS + this.frameMs) call.abort();
    }
  }
}
