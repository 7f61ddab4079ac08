import { SERVICE_TYPE, type Sighting } from "../provider.ts";
import type { DnsPacket, DnsQuestion, DnsRecord } from "./packets.ts";

/** The name that is asked for. */
export const TYPE_NAME = `${SERVICE_TYPE}.local`;

/** A service as far as it is known; names are lower case. */
interface CachedService {
  readonly instance: string;
  /** As it was announced, to ask for it. */
  readonly name: string;
  port: number | undefined;
  target: string | undefined;
  txt: readonly Uint8Array[] | undefined;
}

/** What one link has told of our services. Bounded, whatever is told. */
export class ServiceCache {
  readonly #services = new Map<string, CachedService>();
  readonly #addresses = new Map<string, Set<string>>();

  /** Takes a response in.
   *  @returns instances that said goodbye */
  take(packet: DnsPacket): string[] {
    const records = [...packet.answers, ...packet.additionals].slice(0, MAX_RECORDS);
    const gone = records.flatMap((record) => this.#takePointer(record));
    // After the pointers, whatever their order: details of a service that nobody announced are not kept.
    for (const record of records) this.#takeDetail(record);
    // And addresses last, for the same reason.
    for (const record of records) this.#takeAddress(record);
    return gone;
  }

  /** What is known well enough to be shown. */
  sightings(): Omit<Sighting, "interfaceName" | "family">[] {
    return [...this.#services.values()].flatMap(({ instance, port, target, txt }) => {
      if (port === undefined || target === undefined || txt === undefined) return [];
      return [{ instance, port, txt, addresses: [...(this.#addresses.get(target.toLowerCase()) ?? [])] }];
    });
  }

  /** What to ask for next: the type, and what is still missing of its services. */
  questions(): DnsQuestion[] {
    const missing = [...this.#services.values()].flatMap(({ name, target, txt }): DnsQuestion[] => [
      ...(target === undefined ? [{ name, type: "SRV" }] : []),
      ...(txt === undefined ? [{ name, type: "TXT" }] : []),
      ...(target === undefined || this.#addresses.has(target.toLowerCase())
        ? []
        : [
            { name: target, type: "A" },
            { name: target, type: "AAAA" },
          ]),
    ]);
    const askable = missing.filter(({ name }) => name.split(".").every((label) => Buffer.byteLength(label) <= MAX_LABEL_BYTES));
    return [{ name: TYPE_NAME, type: "PTR" }, ...askable.slice(0, MAX_QUESTIONS)];
  }

  #takePointer({ type, name, data, ttl }: DnsRecord): string[] {
    if (type !== "PTR" || !isSame(name, TYPE_NAME) || typeof data !== "string") return [];
    const key = data.toLowerCase();
    if (!key.endsWith(`.${TYPE_NAME}`)) return [];
    const instance = data.slice(0, -TYPE_NAME.length - 1);
    if (ttl === 0) return this.#services.delete(key) ? [instance] : [];
    if (instance === "" || this.#services.has(key) || this.#services.size >= MAX_SERVICES) return [];
    this.#services.set(key, { instance, name: data, port: undefined, target: undefined, txt: undefined });
    return [];
  }

  #takeDetail({ type, name, data, ttl }: DnsRecord): void {
    const service = this.#services.get(name.toLowerCase());
    if (service === undefined || ttl === 0) return;
    if (type === "SRV" && isServer(data)) {
      service.port = data.port;
      service.target = data.target;
    }
    if (type === "TXT" && Array.isArray(data))
      service.txt = data.filter((entry) => entry instanceof Uint8Array).slice(0, MAX_TXT);
  }

  #takeAddress({ type, name, data, ttl }: DnsRecord): void {
    if ((type !== "A" && type !== "AAAA") || typeof data !== "string" || ttl === 0) return;
    const key = name.toLowerCase();
    if (![...this.#services.values()].some(({ target }) => target !== undefined && isSame(target, key))) return;
    const known = this.#addresses.get(key) ?? new Set();
    if (known.size < MAX_ADDRESSES) this.#addresses.set(key, known.add(data));
  }
}

/** As many as may stand in one packet. */
const MAX_RECORDS = 512;
const MAX_SERVICES = 256;
const MAX_ADDRESSES = 16;
const MAX_TXT = 32;
/** What fits into one packet. */
const MAX_QUESTIONS = 24;
/** Text that was no UTF-8 is longer when it is written again, and the library does not look. */
const MAX_LABEL_BYTES = 63;

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function isServer(data: unknown): data is { readonly port: number; readonly target: string } {
  const { port, target } = (data ?? {}) as { readonly port?: unknown; readonly target?: unknown };
  return typeof port === "number" && port > 0 && port <= 65_535 && typeof target === "string";
}
