import { MosaicError } from "@mosaic/core";
import type { BusCall, BusSignal } from "./systemd/bus-connection.ts";
import { connectBus } from "./systemd/connect-bus.ts";

/** A connection to the system's message bus. Calls need a destination; a refusal is an Error. */
export interface SystemBus extends Disposable {
  /** Resolves to the values of the reply, as `BusConnection.call` has them. Waits as long as the service does. */
  call(call: BusCall & { readonly destination: string }): Promise<readonly unknown[]>;
  /** Calls back with every signal that comes, in order with the replies. */
  onSignal(listener: (signal: BusSignal) => void): Disposable;
  /** Resolves once the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
}

/** Connects to the system bus: the one of `address` (as DBUS_SYSTEM_BUS_ADDRESS has it), else the usual one.
 *  @throws MosaicError MACHINE when there is none, or it does not answer in 3 s */
export async function connectSystemBus(address: string | undefined, signal?: AbortSignal): Promise<SystemBus> {
  const path = /(?:^|;)unix:(?:[^;]*,)?path=([^,;]+)/.exec(address ?? "")?.[1] ?? USUAL_PATH;
  const listeners = new Set<(signal: BusSignal) => void>();
  const deadline = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  const abort = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  try {
    const bus = await connectBus(
      path,
      (each) => {
        for (const listener of [...listeners]) listener(each);
      },
      abort,
    );
    const giveUp = () => bus[Symbol.dispose]();
    abort.addEventListener("abort", giveUp, { once: true });
    // A bus knows nobody who did not say hello.
    const { destination, interface: name, path: object } = DAEMON;
    await bus.call({ destination, interface: name, path: object, member: "Hello" });
    abort.removeEventListener("abort", giveUp);
    return {
      call: (call) => bus.call(call),
      onSignal(listener) {
        listeners.add(listener);
        return { [Symbol.dispose]: () => void listeners.delete(listener) };
      },
      closed: bus.closed,
      [Symbol.dispose]: () => bus[Symbol.dispose](),
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MosaicError("MACHINE", `cannot reach the system bus at ${path}: ${why}`, { cause });
  }
}

const USUAL_PATH = "/run/dbus/system_bus_socket";
const CONNECT_TIMEOUT_MS = 3000;
const DAEMON = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
} as const;
