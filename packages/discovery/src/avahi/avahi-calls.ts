import type { MessageBus } from "./message-bus.ts";

/** Calls a method of avahi-daemon's server object.
 *  @throws Error when it refuses */
export function callServer(bus: MessageBus, member: string, signature?: string, body?: readonly unknown[]) {
  return bus.call({ destination: AVAHI, path: "/", interface: `${AVAHI}.Server`, member, signature, body });
}

/** Calls a method of an object that avahi-daemon made for us, for example an entry group. */
export function callObject(
  bus: MessageBus,
  object: { readonly path: string; readonly kind: "EntryGroup" | "ServiceBrowser" },
  member: string,
  signature?: string,
  body?: readonly unknown[],
) {
  return bus.call({ destination: AVAHI, path: object.path, interface: `${AVAHI}.${object.kind}`, member, signature, body });
}

/** Tells whether avahi-daemon runs; asked of the bus, because a call to avahi-daemon itself would start it.
 *  @throws Error when the bus refuses */
export async function hasAvahi(bus: MessageBus): Promise<boolean> {
  const [isThere] = await bus.call({ ...BUS, member: "NameHasOwner", signature: "s", body: [AVAHI] });
  return isThere === true;
}

/** Asks the bus to pass on what avahi-daemon tells, and when it goes. */
export async function listenToAvahi(bus: MessageBus): Promise<void> {
  for (const rule of [
    `type='signal',sender='${AVAHI}'`,
    `type='signal',sender='${BUS.destination}',interface='${BUS.interface}',member='NameOwnerChanged',arg0='${AVAHI}'`,
  ]) {
    await bus.call({ ...BUS, member: "AddMatch", signature: "s", body: [rule] });
  }
}

/** Avahi's name on the bus, and the beginning of its interfaces' names. */
export const AVAHI = "org.freedesktop.Avahi";
/** Any interface, or any protocol. */
export const UNSPECIFIED = -1;

const BUS = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus" } as const;
