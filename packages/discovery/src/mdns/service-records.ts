import type { AdvertisedService } from "../provider.ts";
import type { Link } from "./links.ts";
import type { DnsPacket, DnsQuestion, DnsRecord } from "./packets.ts";
import { TYPE_NAME } from "./service-cache.ts";

/** The records that announce a service on one link, by what they are for. */
export interface ServiceRecords {
  /** Says that there is one of that type. */
  readonly pointer: DnsRecord;
  /** Says that there are services of that type. */
  readonly typePointer: DnsRecord;
  /** Where and how. */
  readonly details: readonly DnsRecord[];
  /** Addresses of the host on this link. */
  readonly addresses: readonly DnsRecord[];
}

/** Makes them. The host gets a name of its own for it, because `HOST.local` belongs to the host's own responder. */
export function recordsOf(service: AdvertisedService, link: Link): ServiceRecords {
  const name = `${service.instance}.${TYPE_NAME}`;
  const target = `${service.instance}.local`;
  return {
    pointer: { name: TYPE_NAME, type: "PTR", ttl: LONG_TTL_S, data: name },
    typePointer: { name: ALL_TYPES, type: "PTR", ttl: LONG_TTL_S, data: TYPE_NAME },
    details: [
      { name, type: "SRV", ttl: SHORT_TTL_S, flush: true, data: { port: service.port, target } },
      { name, type: "TXT", ttl: LONG_TTL_S, flush: true, data: [...service.txt] },
    ],
    addresses: link.addresses.map((address) => {
      const type = address.includes(":") ? "AAAA" : "A";
      return { name: target, type, ttl: SHORT_TTL_S, flush: true, data: address };
    }),
  };
}

/** Everything at once, as it is announced; with `ttl` 0 it is the goodbye. */
export function announcementOf({ pointer, details, addresses }: ServiceRecords, ttl?: number): { answers: DnsRecord[] } {
  const records = [pointer, ...details, ...addresses];
  return { answers: ttl === undefined ? records : records.map((record) => ({ ...record, ttl })) };
}

/** What to answer to a query; undefined: it is about nothing of ours, or the asker knows. */
export function answerTo(
  query: DnsPacket,
  records: ServiceRecords,
): { answers: DnsRecord[]; additionals: DnsRecord[] } | undefined {
  const { pointer, typePointer, details, addresses } = records;
  const all = [pointer, typePointer, ...details, ...addresses];
  const wanted = all.filter((record) => query.questions.some((question) => isAskedFor(record, question)));
  const answers = wanted.filter((record) => !query.answers.some((known) => isKnown(record, known)));
  if (answers.length === 0) return undefined;
  const others = answers.includes(pointer) ? [...details, ...addresses] : addresses;
  return { answers, additionals: others.filter((record) => !answers.includes(record)) };
}

const ALL_TYPES = "_services._dns-sd._udp.local";
/** Of RFC 6762, section 10: 120 s for records that name the host or its addresses, 75 minutes for others. */
const SHORT_TTL_S = 120;
const LONG_TTL_S = 4500;

function isAskedFor(record: DnsRecord, question: DnsQuestion): boolean {
  const isOfType = question.type === record.type || question.type === "ANY";
  return isOfType && question.name.toLowerCase() === record.name.toLowerCase();
}

// Shared records only (RFC 6762, section 7.1): what the asker was told less than half the time ago is not told again.
function isKnown(record: DnsRecord, known: DnsRecord): boolean {
  if (record.type !== "PTR" || known.type !== "PTR" || typeof known.data !== "string") return false;
  const isSame = known.name.toLowerCase() === record.name.toLowerCase() && known.data === record.data;
  return isSame && (known.ttl ?? 0) * 2 >= (record.ttl ?? 0);
}
