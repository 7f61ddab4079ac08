/** A packet of DNS, as far as multicast DNS needs it. */
export interface DnsPacket {
  readonly type: "query" | "response";
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

export interface DnsQuestion {
  readonly name: string;
  readonly type: string;
}

/** Off the network it is what the library made of it: only the name and the type are sure to be text. */
export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl?: number;
  /** Sets the cache-flush bit: these are all records of that name and type. */
  readonly flush?: boolean;
  readonly data: unknown;
}
