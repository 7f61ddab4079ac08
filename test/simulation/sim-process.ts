import type { FleetHandlers, LiveStreams } from "@mosaic/rpc";
import { SimClock } from "./sim-clock.ts";
import type { SimTime } from "./sim-time.ts";

/** What a life of a process serves. */
export interface Served {
  readonly handlers: FleetHandlers;
  readonly streams: LiveStreams;
}

/** One life of a simulated process, from its start to its end. */
export class SimLife {
  readonly process: SimProcess;
  /** 1 for the first. */
  readonly number: number;
  readonly clock: SimClock;
  /** Undefined: it does not serve, or not yet. */
  served: Served | undefined;
  isDead = false;
  isStopped = false;
  /** Handlers that serve a call now. */
  openHandlers = 0;

  constructor(process: SimProcess, number: number, clock: SimClock) {
    this.process = process;
    this.number = number;
    this.clock = clock;
  }

  get name(): string {
    return `${this.process.name}#${this.number}`;
  }
}

/** A program at an address, which may live several times, one after the other. */
export class SimProcess {
  readonly name: string;
  readonly drift: number;
  wallOffsetMs: number;
  life: SimLife | undefined;
  lives = 0;
  /** When it ended or was stopped, in ms of the world; undefined: it runs. */
  #idleSinceMs: number | undefined;

  constructor(name: string, drift: number, wallOffsetMs: number) {
    this.name = name;
    this.drift = drift;
    this.wallOffsetMs = wallOffsetMs;
  }

  /** Begins another life; the one before is over. */
  begin(time: SimTime): SimLife {
    this.lives += 1;
    this.#idleSinceMs = undefined;
    this.life = new SimLife(this, this.lives, new SimClock(time, this.drift, this.wallOffsetMs));
    return this.life;
  }

  /** Ends its life as a kill does: nothing of it runs any more. */
  end(nowMs: number): SimLife | undefined {
    const { life } = this;
    this.life = undefined;
    if (!life) return undefined;
    this.#idleSinceMs ??= nowMs;
    life.isDead = true;
    life.clock.die();
    return life;
  }

  /** Stops it as SIGSTOP does. */
  stopRunning(nowMs: number): void {
    if (!this.life || this.life.isStopped) return;
    this.#idleSinceMs = nowMs;
    this.life.isStopped = true;
    this.life.clock.stop();
  }

  /** Lets it go on as SIGCONT does. */
  goOn(): void {
    if (!this.life?.isStopped) return;
    this.#idleSinceMs = undefined;
    this.life.isStopped = false;
    this.life.clock.goOn();
  }

  /** When it last ran, in ms of the world: now, if it does. */
  lastRanMs(nowMs: number): number {
    return this.#idleSinceMs ?? nowMs;
  }
}
