import { type BrowseListener, type LinkFamily, SERVICE_TYPE, type Sighting } from "../provider.ts";
import { AVAHI, callObject, callServer, UNSPECIFIED } from "./avahi-calls.ts";
import type { BusMessage, MessageBus } from "./message-bus.ts";

/** Looks for our services through avahi-daemon until disposed. */
export async function browseAvahi(bus: MessageBus, listener: BrowseListener): Promise<AsyncDisposable> {
  const browser = new AvahiBrowser(bus, listener);
  try {
    await browser.start();
    return browser;
  } catch (thrown) {
    await browser[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** One service on one link, as avahi-daemon names it. */
interface Item {
  readonly interfaceIndex: number;
  readonly protocol: number;
  readonly instance: string;
}

/** Items that are resolved at the same time; others wait, so that a flood of names is no flood of queries. */
const MAX_RESOLVING = 16;
/** Items that wait. More is left out. */
const MAX_WAITING = 512;

class AvahiBrowser implements AsyncDisposable {
  readonly #bus: MessageBus;
  readonly #listener: BrowseListener;
  readonly #subscription: Disposable;
  readonly #interfaceNames = new Map<number, Promise<string>>();
  readonly #waiting: Item[] = [];
  readonly #present = new Set<string>();
  #resolvingCount = 0;
  #early: BusMessage[] = [];
  #path: string | undefined;
  #isOver = false;

  constructor(bus: MessageBus, listener: BrowseListener) {
    this.#bus = bus;
    this.#listener = listener;
    this.#subscription = bus.onSignal((message) => {
      if (message.interface === `${AVAHI}.ServiceBrowser`) this.#onSignal(message);
    });
  }

  async start(): Promise<void> {
    const body = [UNSPECIFIED, UNSPECIFIED, SERVICE_TYPE, "local", 0];
    const [path] = await callServer(this.#bus, "ServiceBrowserNew", "iissu", body);
    this.#path = String(path);
    // What avahi-daemon knows already it tells before it says by what name.
    const early = this.#early;
    this.#early = [];
    for (const message of early) this.#onSignal(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.length = 0;
    this.#subscription[Symbol.dispose]();
    if (this.#path === undefined) return;
    await callObject(this.#bus, { path: this.#path, kind: "ServiceBrowser" }, "Free").catch(() => {
      // Avahi went away, and its browser with it.
    });
  }

  #onSignal(message: BusMessage): void {
    if (this.#isOver) return;
    if (this.#path === undefined) {
      if (this.#early.length < MAX_WAITING) this.#early.push(message);
      return;
    }
    if (message.path !== this.#path) return;
    if (message.member === "Failure") {
      this.#listener.onProblem({ link: undefined, reason: `avahi-daemon can't look: ${String(message.body[0])}` });
    }
    if (message.member !== "ItemNew" && message.member !== "ItemRemove") return;
    const [interfaceIndex, protocol, instance] = message.body;
    const item = { interfaceIndex: Number(interfaceIndex), protocol: Number(protocol), instance: String(instance) };
    if (message.member === "ItemNew") this.#add(item);
    else void this.#remove(item);
  }

  #add(item: Item): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    this.#present.add(JSON.stringify(item));
    this.#waiting.push(item);
    void this.#resolveNext();
  }

  async #remove(item: Item): Promise<void> {
    this.#present.delete(JSON.stringify(item));
    const { instance, protocol } = item;
    this.#listener.onGone({
      instance,
      interfaceName: await this.#interfaceName(item.interfaceIndex),
      family: familyOf(protocol),
    });
  }

  async #resolveNext(): Promise<void> {
    if (this.#resolvingCount >= MAX_RESOLVING) return;
    const item = this.#waiting.shift();
    if (item === undefined) return;
    this.#resolvingCount++;
    try {
      const sighting = await this.#resolve(item);
      if (!this.#isOver && this.#present.has(JSON.stringify(item))) this.#listener.onFound(sighting);
    } catch {
      // It was announced and then did not answer (avahi-daemon waits 5 s): there is nothing of it to show.
    } finally {
      this.#resolvingCount--;
      void this.#resolveNext();
    }
  }

  async #resolve({ interfaceIndex, protocol, instance }: Item): Promise<Sighting> {
    const ask = (addressProtocol: number) =>
      callServer(this.#bus, "ResolveService", "iisssiu", [
        ...[interfaceIndex, protocol, instance, SERVICE_TYPE, "local", addressProtocol, 0],
      ]);
    // Avahi gives one address; that of the link's own kind exists wherever the service was heard.
    const [reply, interfaceName] = await Promise.all([ask(protocol), this.#interfaceName(interfaceIndex)]);
    const address = String(reply[7]);
    const addresses = [/^fe[89ab]/i.test(address) ? `${address}%${interfaceName}` : address];
    const txt = Array.isArray(reply[9]) ? reply[9].slice(0, 32).map(toBytes) : [];
    return { instance, interfaceName, family: familyOf(protocol), port: Number(reply[8]), addresses, txt };
  }

  #interfaceName(index: number): Promise<string> {
    const known = this.#interfaceNames.get(index);
    if (known !== undefined) return known;
    const asked = callServer(this.#bus, "GetNetworkInterfaceNameByIndex", "i", [index]).then(
      ([name]) => String(name),
      // It went away in the meantime.
      () => `#${index}`,
    );
    this.#interfaceNames.set(index, asked);
    return asked;
  }
}

function familyOf(protocol: number): LinkFamily {
  return protocol === 1 ? "ipv6" : "ipv4";
}

function toBytes(entry: unknown): Uint8Array {
  if (entry instanceof Uint8Array) return entry;
  return Array.isArray(entry) ? Uint8Array.from(entry as number[]) : new Uint8Array();
}
