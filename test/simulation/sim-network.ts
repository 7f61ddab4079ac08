import type { FleetConnection } from "@mosaic/rpc";
import type { Carrier, NetworkTaps } from "./carrier.ts";
import { createSimClient } from "./sim-client.ts";
import type { SimLife, SimProcess } from "./sim-process.ts";
import type { SimTime } from "./sim-time.ts";
import { SimWire } from "./sim-wire.ts";

/** Carries calls between simulated processes, in order on each connection, with delays; its links may be cut one way or both. */
export class SimNetwork implements Carrier {
  readonly time: SimTime;
  readonly random: () => number;
  readonly taps: NetworkTaps;
  /** By address, which is not the same as by name: addresses may change hands. */
  readonly #at = new Map<string, SimProcess>();
  readonly #cuts = new Set<string>();
  readonly #wires = new Set<SimWire>();
  readonly lossy = new Set<string>();
  /** Few, so that readers are often behind. */
  windowFrames = 16;
  /** Longest delay of a message in ms. */
  maxDelayMs = 20;

  constructor(time: SimTime, random: () => number, taps: NetworkTaps) {
    this.time = time;
    this.random = random;
    this.taps = taps;
  }

  put(address: string, process: SimProcess): void {
    this.#at.set(address, process);
  }

  processAt(address: string): SimProcess | undefined {
    return this.#at.get(address);
  }

  connect(client: SimLife, address: string): FleetConnection {
    return createSimClient(this, client, address, () => this.#open(client, address));
  }

  #open(client: SimLife, address: string): SimWire | undefined {
    const server = this.#at.get(address);
    if (!server) return undefined;
    const wire = new SimWire(this, client, server);
    this.#wires.add(wire);
    return wire;
  }

  forget(wire: object): void {
    this.#wires.delete(wire as SimWire);
  }

  delayMs(): number {
    return 1 + this.random() * this.maxDelayMs;
  }

  isCut(from: SimProcess, to: SimProcess): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(`${from.name}>${to.name}`);
  }

  /** Cuts the way from one process to another; what is sent waits. */
  cut(from: SimProcess, to: SimProcess): void {
    const key = `${from.name}>${to.name}`;
    if (this.#cuts.has(key)) return;
    this.#cuts.add(key);
    this.#watchForLoss((wire) => wire.runsFrom(from, to));
  }

  heal(from: SimProcess, to: SimProcess): void {
    if (this.#cuts.delete(`${from.name}>${to.name}`)) this.kick();
  }

  healAll(): void {
    this.#cuts.clear();
    this.kick();
  }

  /** Lets everything go on that was held up and is not any more. */
  kick(): void {
    for (const wire of this.#wires) wire.kick();
  }

  /** Breaks every connection that has one end only. */
  dropHalves(): void {
    for (const wire of [...this.#wires]) if (wire.isHalf) wire.break("ping timed out");
  }

  /** A process stopped answering pings without being gone. */
  onStop(process: SimProcess): void {
    this.#watchForLoss((wire) => wire.touches(process));
  }

  /** A process is gone. @param isTold whether its machine still says so, as after a kill, or is gone too */
  onEnd(life: SimLife, isTold: boolean): void {
    for (const wire of [...this.#wires]) wire.onEnd(life, isTold);
    if (!isTold) this.#watchForLoss((wire) => wire.touches(life.process));
    this.kick();
  }

  /** Breaks every connection of a process, as a restarted switch does. */
  reset(process: SimProcess): void {
    for (const wire of [...this.#wires]) if (wire.touches(process)) wire.break("read ECONNRESET");
  }

  // Both ends ping each other: who gets no answer for 10 to 30 s ends the connection.
  #watchForLoss(isMeant: (wire: SimWire) => boolean): void {
    for (const wire of this.#wires) {
      if (!isMeant(wire)) continue;
      this.time.after(10_000 + this.random() * 20_000, () => {
        if (wire.isStalled) wire.break("ping timed out");
      });
    }
  }
}
