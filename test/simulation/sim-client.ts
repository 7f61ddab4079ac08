import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { FleetClient, FleetConnection } from "@mosaic/rpc";
import { FleetService, type WatchRequest, type WatchResponse } from "@mosaic/wire";
import type { Carrier, FrameTap, Method, Stamp } from "./carrier.ts";
import type { SimLife } from "./sim-process.ts";
import { serveStream, serveUnary } from "./sim-server-call.ts";
import type { SimWire } from "./sim-wire.ts";

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Makes a client over the simulated network. Messages are handed over as they are: nobody changes one that was made. */
export function createSimClient(
  network: Carrier,
  client: SimLife,
  address: string,
  open: () => SimWire | undefined,
): FleetConnection {
  const connection = new SimConnection(network, client, address, open);
  const calls = FleetService.methods.map((method) => {
    const call =
      method.methodKind === "unary"
        ? (request: MessageInitShape<DescMessage>, options: CallOptions = {}) => connection.unary(method, request, options)
        : (request: MessageInitShape<DescMessage>, options: CallOptions = {}) => connection.stream(method, request, options);
    return [method.localName, call];
  });
  return {
    client: Object.fromEntries(calls) as FleetClient,
    [Symbol.asyncDispose]: async () => connection.close(),
  };
}

class SimConnection {
  readonly #network: Carrier;
  readonly #open: () => SimWire | undefined;
  readonly #client: SimLife;
  readonly #address: string;
  #wire: SimWire | undefined;
  #isClosed = false;

  constructor(network: Carrier, client: SimLife, address: string, open: () => SimWire | undefined) {
    this.#open = open;
    this.#network = network;
    this.#client = client;
    this.#address = address;
  }

  close(): void {
    this.#isClosed = true;
    this.#wire?.close();
  }

  unary(method: Method, init: MessageInitShape<DescMessage>, options: CallOptions): Promise<unknown> {
    const request = create(method.input, init);
    return new Promise((resolve, reject) => {
      const call = this.#begin(options, (error) => reject(error));
      if (!call) return reject(new ConnectError("connect EHOSTUNREACH", Code.Unavailable));
      const answer = (end: () => void) =>
        call.wire.toClient(() => {
          call.end();
          end();
        });
      call.wire.toServer((life) => {
        const serving = { life, wire: call.wire, timeoutMs: options.timeoutMs };
        const abort = serveUnary(serving, method, request, {
          resolve: (response) => answer(() => resolve(response)),
          reject: (error) => answer(() => reject(error)),
        });
        call.atServer(abort);
      });
    });
  }

  stream(method: Method, init: MessageInitShape<DescMessage>, options: CallOptions): AsyncIterable<unknown> {
    const request = create(method.input, init);
    const inbox = new Inbox();
    let credit = () => {};
    let tap: FrameTap = () => {};
    const begin = () => {
      const call = this.#begin(options, (error) => inbox.fail(error));
      if (!call) return inbox.fail(new ConnectError("connect EHOSTUNREACH", Code.Unavailable));
      inbox.onEnd = () => call.end();
      const { wire } = call;
      wire.toServer((life) => {
        const { taps, windowFrames } = this.#network;
        if (method.localName === "watch")
          tap = firstThenRest(() => taps.onWatch(this.#client, life, this.#address, (request as WatchRequest).resumeToken));
        const served = serveStream({ life, wire, timeoutMs: options.timeoutMs }, method, request, windowFrames, {
          frame: (frame) => {
            // The place of a lost change among the others is kept, so that who looks can tell where it was.
            if (this.#isLost(frame)) return wire.toClient(() => inbox.push(LOST, undefined), inbox);
            const stamp = method.localName === "watch" ? taps.onProduce(life, frame as WatchResponse) : undefined;
            wire.toClient(() => inbox.push(frame, stamp), inbox);
          },
          end: (error) => wire.toClient(() => inbox.fail(error)),
        });
        // As an HTTP/2 window is opened again: when half of it was read.
        const portion = Math.max(1, windowFrames >> 1);
        let read = 0;
        credit = () => {
          read += 1;
          if (read < portion) return;
          read = 0;
          wire.toServer(() => served.credit(portion));
        };
        call.atServer(served.abort);
      });
    };
    const next = async () => {
      let got = await inbox.take(begin);
      for (; !got.done && got.value === LOST; got = await inbox.take(begin)) {
        credit();
        this.#network.taps.onLoss(this.#client, this.#address);
      }
      if (got.done) return got;
      credit();
      tap(got.value as WatchResponse, got.stamp);
      return got;
    };
    return { [Symbol.asyncIterator]: () => ({ next }) } as AsyncIterable<unknown>;
  }

  // A lost row is what only the digest can tell.
  #isLost(frame: unknown): boolean {
    const kind = (frame as Partial<WatchResponse>).frame?.case;
    if ((kind !== "upsert" && kind !== "delete") || !this.#network.lossy.delete(this.#client.process.name)) return false;
    return true;
  }

  #begin({ signal, timeoutMs }: CallOptions, fail: (error: ConnectError) => void): ClientCall | undefined {
    if (this.#isClosed) return undefined;
    if (!this.#wire || this.#wire.isBroken) this.#wire = this.#open();
    const wire = this.#wire;
    return wire && new ClientCall(this.#client, wire, { signal, timeoutMs, fail });
  }
}

// Of streams that nobody reads any more a request may still arrive: what counts is what is read.
function firstThenRest(open: () => FrameTap): FrameTap {
  let tap: FrameTap | undefined;
  return (frame, stamp) => {
    tap ??= open();
    tap(frame, stamp);
  };
}

interface ClientCallOptions {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly fail: (error: ConnectError) => void;
}

/** A call as its client sees it: until it ends by itself, by its signal, its deadline or with its connection. */
class ClientCall {
  readonly wire: SimWire;
  readonly #done = new AbortController();
  readonly #breaking: Disposable;
  readonly #options: ClientCallOptions;
  #abortAtServer: (() => void) | undefined;
  readonly #onAbort = () => this.#fail(new ConnectError("This operation was aborted", Code.Canceled));

  constructor(client: SimLife, wire: SimWire, options: ClientCallOptions) {
    this.wire = wire;
    this.#options = options;
    this.#breaking = wire.onBreakAtClient((error) => this.#fail(error));
    const { signal, timeoutMs } = options;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (timeoutMs !== undefined && !this.#done.signal.aborted)
      void client.clock.sleep(timeoutMs, this.#done.signal).then(() => {
        if (!this.#done.signal.aborted) this.#fail(new ConnectError("the operation timed out", Code.DeadlineExceeded));
      });
  }

  /** How the server's side is told that nobody waits any more. */
  atServer(abort: () => void): void {
    this.#abortAtServer = abort;
  }

  end(): void {
    if (this.#done.signal.aborted) return;
    // Without a reason of ours each would make an exception.
    this.#done.abort("done");
    this.#breaking[Symbol.dispose]();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  #fail(error: ConnectError): void {
    if (this.#done.signal.aborted) return;
    this.end();
    this.wire.toServer(() => this.#abortAtServer?.());
    this.#options.fail(error);
  }
}

const LOST = Symbol("a change that was lost on its way");

type Taken = { done: false; value: unknown; stamp: Stamp | undefined } | { done: true; value: undefined };

/** Frames that arrived and were not taken yet. */
class Inbox {
  readonly #frames: { value: unknown; stamp: Stamp | undefined }[] = [];
  #end: { error: ConnectError | undefined } | undefined;
  #wake: (() => void) | undefined;
  #hasBegun = false;
  onEnd = () => {};

  push(value: unknown, stamp: Stamp | undefined): void {
    if (this.#end) return;
    this.#frames.push({ value, stamp });
    this.#wake?.();
  }

  /** @param error undefined: the server ended the stream */
  fail(error: ConnectError | undefined): void {
    if (this.#end) return;
    this.#end = { error };
    // As the library does: what arrived before a failure is lost with it.
    if (error) this.#frames.length = 0;
    this.onEnd();
    this.#wake?.();
  }

  async take(begin: () => void): Promise<Taken> {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      begin();
    }
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) return { done: false, ...frame };
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
