import { connect, type Socket } from "node:net";
import type { DBusConnection, Message } from "dbus-native";
import { type BusCall, type BusConnection, BusError, type BusSignal, ConnectionLost } from "./bus-connection.ts";

/** Connects to the D-Bus socket at a path and proves who we are (SASL EXTERNAL). Has no deadline of its own: abort the signal.
 *  @param onSignal called in order, for signals and replies alike: what came before a reply was told before it
 *  @throws the system's error (`ENOENT`, `ECONNREFUSED`, …) when nothing listens; ConnectionLost when the other end turns us
 *  away or the signal aborts */
export async function connectBus(
  socketPath: string,
  onSignal: (signal: BusSignal) => void,
  abort: AbortSignal,
): Promise<BusConnection> {
  const socket = await openSocket(socketPath, abort);
  // Loaded only now: it takes 20 ms, which a host without systemd is spared.
  const { createConnection } = await import("dbus-native");
  if (abort.aborted) socket.destroy();
  // The library does not notice an end that came before it looked.
  if (socket.destroyed) throw new ConnectionLost(`the connection to "${socketPath}" ended at once`);
  const connection = new PeerConnection(createConnection({ stream: socket, authMethods: ["EXTERNAL"], direct: true }), onSignal);
  const giveUp = () => connection[Symbol.dispose]();
  abort.addEventListener("abort", giveUp, { once: true });
  try {
    await connection.ready;
    return connection;
  } finally {
    abort.removeEventListener("abort", giveUp);
  }
}

/** Message types of the D-Bus specification. */
const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;
const SIGNAL = 4;
const LARGEST_SERIAL = 0xffff_ffff;

interface PendingCall {
  readonly resolve: (body: readonly unknown[]) => void;
  readonly reject: (error: Error) => void;
}

function openSocket(path: string, abort: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const giveUp = () => socket.destroy(new ConnectionLost(`gave up connecting to "${path}"`));
    if (abort.aborted) giveUp();
    abort.addEventListener("abort", giveUp, { once: true });
    const settle = (end: () => void) => {
      abort.removeEventListener("abort", giveUp);
      end();
    };
    socket.once("error", (error) => settle(() => reject(error)));
    socket.once("connect", () => settle(() => resolve(socket)));
  });
}

/** The only place that knows the library. Its connection object does framing, marshalling and the handshake; its bus object,
 *  which is made for a bus between many, is not used. */
class PeerConnection implements BusConnection {
  readonly ready: Promise<void>;
  readonly closed: Promise<void>;
  readonly #connection: DBusConnection;
  readonly #onSignal: (signal: BusSignal) => void;
  readonly #pending = new Map<number, PendingCall>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #lastSerial = 0;
  #isClosed = false;
  #lastError: Error | undefined;

  constructor(connection: DBusConnection, onSignal: (signal: BusSignal) => void) {
    this.#connection = connection;
    this.#onSignal = onSignal;
    this.ready = this.#ready.promise;
    this.closed = this.#closed.promise;
    connection.on("connect", () => this.#ready.resolve());
    connection.on("message", (message) => this.#onMessage(message));
    // After either of these nothing more can be said or heard, and `close` follows.
    connection.on("error", (error) => this.#end(error));
    connection.on("handlerError", (error) => this.#end(error));
    connection.on("end", () => this.#end(undefined));
    connection.on("close", () => this.#end(undefined));
  }

  call({ destination, path, interface: name, member, signature, body }: BusCall): Promise<readonly unknown[]> {
    // The library would print a warning to the console.
    if (this.#isClosed) return Promise.reject(this.#lost());
    this.#lastSerial = (this.#lastSerial % LARGEST_SERIAL) + 1;
    const serial = this.#lastSerial;
    const message: Message = { type: METHOD_CALL, serial, path, interface: name, member };
    if (destination !== undefined) message.destination = destination;
    if (signature !== undefined) Object.assign(message, { signature, body });
    return new Promise((resolve, reject) => {
      this.#pending.set(serial, { resolve, reject });
      try {
        this.#connection.message(message);
      } catch (error) {
        // A value that does not fit its signature; nothing was sent.
        this.#pending.delete(serial);
        reject(error);
      }
    });
  }

  [Symbol.dispose](): void {
    this.#end(undefined);
  }

  #onMessage(message: Message): void {
    if (message.type === SIGNAL) {
      const { path = "", interface: name = "", member = "", body = [] } = message;
      return this.#onSignal({ path, interface: name, member, body });
    }
    const pending = this.#pending.get(message.replySerial ?? 0);
    if (pending === undefined) return;
    this.#pending.delete(message.replySerial ?? 0);
    if (message.type === METHOD_RETURN) pending.resolve(message.body ?? []);
    else if (message.type === ERROR) pending.reject(toBusError(message));
  }

  #end(error: Error | undefined): void {
    this.#lastError ??= error;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.stream.destroy();
    for (const { reject } of this.#pending.values()) reject(this.#lost());
    this.#pending.clear();
    this.#ready.reject(this.#lost());
    // Nobody may be waiting for it any more.
    this.#ready.promise.catch(() => {});
    this.#closed.resolve();
  }

  #lost(): ConnectionLost {
    const why = this.#lastError === undefined ? "the other end closed it" : this.#lastError.message;
    return new ConnectionLost(`the D-Bus connection is lost: ${why}`, { cause: this.#lastError });
  }
}

function toBusError(message: Message): BusError {
  const [text] = message.body ?? [];
  const name = message.errorName ?? "org.freedesktop.DBus.Error.Failed";
  return new BusError(name, typeof text === "string" ? text : name);
}
