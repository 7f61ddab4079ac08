import { absentClient, type DialledIn, type FleetConnection } from "@mosaic/rpc";

/** Who a connection is from, as membership names it. */
export interface DialInName {
  readonly tenantId: string;
  readonly name: string;
  /** Its random id; undefined: it is asked for by name. */
  readonly hostId?: string | undefined;
}

/** The connections of hosts that can't be reached and dial in: one for each expected host, the newest. */
export class DialIns {
  readonly #isExpected: (host: DialInName) => boolean;
  /** By tenant and host. */
  readonly #parked = new Map<string, DialledIn>();
  readonly #listeners = new Set<(host: DialInName) => void>();

  constructor(isExpected: (host: DialInName) => boolean) {
    this.#isExpected = isExpected;
  }

  /** Takes the connection of a host that dialled in; an older one of the same host is hung up, since it may be half dead.
   *  @returns false: nobody expects that host to dial in */
  take(host: DialledIn): boolean {
    const name = { tenantId: host.info.tenantId, name: host.info.host, hostId: host.info.id };
    if (!this.#isExpected(name)) return false;
    const key = keyOf(name);
    const older = this.#parked.get(key);
    this.#parked.set(key, host);
    void host.closed.then(() => {
      if (this.#parked.get(key) === host) this.#parked.delete(key);
    });
    void older?.connection[Symbol.asyncDispose]();
    for (const listener of this.#listeners) listener(name);
    return true;
  }

  /** A connection to whichever way the host has dialled in by. While there is none, calls are UNAVAILABLE. Disposing it hangs
   *  up what was called over, after which the host dials again; one that came since then and was not used stays. */
  connect(name: DialInName): FleetConnection {
    const parked = () => this.#parked.get(keyOf(name));
    let used: DialledIn | undefined;
    return {
      get client() {
        used = parked();
        return used?.connection.client ?? absent;
      },
      async [Symbol.asyncDispose]() {
        await used?.connection[Symbol.asyncDispose]();
      },
    };
  }

  /** Calls back when a host has dialled in. */
  onArrival(listener: (host: DialInName) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}

function keyOf({ tenantId, name }: DialInName): string {
  return `${tenantId}/${name}`;
}

const absent = absentClient("it is expected to dial in, and has not");
