import { Code, ConnectError } from "@connectrpc/connect";
import type { Carrier } from "./carrier.ts";
import type { SimLife, SimProcess } from "./sim-process.ts";

/** One connection. What is sent one way arrives in order, late, and not while the way is cut or the receiver is stopped. */
export class SimWire {
  readonly client: SimLife;
  readonly server: SimProcess;
  readonly #network: Carrier;
  readonly #up: Pipe;
  readonly #down: Pipe;
  readonly #clientCalls = new Set<(error: ConnectError) => void>();
  readonly #serverCalls = new Set<() => void>();
  /** The life that took the first message: another one knows nothing of this connection. */
  #bound: SimLife | undefined;
  isBroken = false;

  constructor(network: Carrier, client: SimLife, server: SimProcess) {
    this.#network = network;
    this.client = client;
    this.server = server;
    const upBlocked = () => network.isCut(client.process, server) || server.life?.isStopped === true;
    const downBlocked = () => network.isCut(server, client.process) || client.isStopped;
    this.#up = new Pipe(network, upBlocked);
    this.#down = new Pipe(network, downBlocked);
  }

  /** Sends to the server. Nobody there, or another life: the client learns it. */
  toServer(arrive: (life: SimLife) => void): void {
    if (this.isBroken) return;
    this.#up.send(() => {
      if (this.isBroken) return;
      const { life } = this.server;
      this.#bound ??= life?.served ? life : undefined;
      if (!life?.served || life !== this.#bound) return this.#refuse(this.#bound ? "read ECONNRESET" : "connect ECONNREFUSED");
      arrive(life);
    });
  }

  /** Sends to the client. @param stream what it is a part of: what follows in the same stream may arrive with it as one piece */
  toClient(arrive: () => void, stream?: object): void {
    if (this.isBroken) return;
    this.#down.send(() => {
      if (!this.client.isDead) arrive();
    }, stream);
  }

  /** Calls back at the client when the connection breaks. */
  onBreakAtClient(end: (error: ConnectError) => void): Disposable {
    this.#clientCalls.add(end);
    return { [Symbol.dispose]: () => void this.#clientCalls.delete(end) };
  }

  /** Calls back at the server when the connection breaks or its client goes away. */
  onBreakAtServer(end: () => void): Disposable {
    this.#serverCalls.add(end);
    return { [Symbol.dispose]: () => void this.#serverCalls.delete(end) };
  }

  /** Ends the connection at both ends; each learns it as soon as it runs. */
  break(why: string): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.#network.forget(this);
    this.#endAtServer();
    this.client.clock.whenAwake(() => this.#endAtClient(why));
  }

  /** The client closes it. */
  close(): void {
    if (this.isBroken) return;
    this.#endAtClient("closed");
    // The other end learns it as it would of any message: late, or by its pings.
    this.#up.send(() => this.break("closed"));
  }

  onEnd(life: SimLife, isTold: boolean): void {
    if (!isTold) return;
    if (life === this.client) this.#up.send(() => this.break("read ECONNRESET"));
    else if (life === this.#bound) this.#down.send(() => this.break("read ECONNRESET"));
  }

  /** True while what is sent on it, either way, does not arrive. */
  get isStalled(): boolean {
    return this.#up.isBlocked() || this.#down.isBlocked() || this.isHalf;
  }

  /** True when one of its ends is gone. */
  get isHalf(): boolean {
    return this.client.isDead || this.#bound?.isDead === true;
  }

  runsFrom(from: SimProcess, to: SimProcess): boolean {
    const ends = [this.client.process, this.server];
    return ends.includes(from) && ends.includes(to);
  }

  touches(process: SimProcess): boolean {
    return this.client.process === process || this.server === process;
  }

  kick(): void {
    this.#up.kick();
    this.#down.kick();
  }

  #refuse(why: string): void {
    this.#down.send(() => this.break(why));
  }

  #endAtServer(): void {
    const calls = [...this.#serverCalls];
    const life = this.#bound;
    life?.clock.whenAwake(() => {
      for (const end of calls) end();
    });
  }

  #endAtClient(why: string): void {
    const error = new ConnectError(`the connection broke: ${why}`, Code.Unavailable);
    for (const end of [...this.#clientCalls]) end(error);
  }
}

/** One direction of a connection. */
class Pipe {
  readonly #network: Carrier;
  readonly isBlocked: () => boolean;
  readonly #waiting: { readonly atMs: number; readonly arrive: () => void; readonly stream: object | undefined }[] = [];
  #lastMs = 0;
  #isDue = false;

  constructor(network: Carrier, isBlocked: () => boolean) {
    this.#network = network;
    this.isBlocked = isBlocked;
  }

  send(arrive: () => void, stream?: object): void {
    this.#lastMs = Math.max(this.#lastMs, this.#network.time.nowMs + this.#network.delayMs());
    this.#waiting.push({ atMs: this.#lastMs, arrive, stream });
    this.kick();
  }

  kick(): void {
    const next = this.#waiting[0];
    if (!next || this.#isDue || this.isBlocked()) return;
    this.#isDue = true;
    this.#network.time.at(next.atMs, () => {
      this.#isDue = false;
      this.#deliver();
    });
  }

  // What arrives at one moment of one stream arrives as one piece, as messages do that are in one segment. What else there is has a
  // turn of its own: who looks at an answer must not find half of a piece taken.
  #deliver(): void {
    const { nowMs } = this.#network.time;
    const [first] = this.#waiting;
    for (let next = first; next && next.atMs <= nowMs && !this.isBlocked(); next = this.#waiting[0]) {
      if (next !== first && (next.stream === undefined || next.stream !== first?.stream)) break;
      this.#waiting.shift();
      next.arrive();
    }
    this.kick();
  }
}
