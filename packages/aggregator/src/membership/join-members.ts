import { type MembershipRecord, MosaicError } from "@mosaic/core";
import { type Address, formatAddress, type Member, memberKey, memberName, parseAddress } from "@mosaic/core/membership";

/** An address that a discovery source knows, with the host's name as that source writes it. */
export interface FoundAddress {
  readonly source: "dns-srv";
  /** For example `alpha.example.org`. */
  readonly hostName: string;
  readonly endpoint: Address;
}

/** What each source says, in the order of their authority. */
export interface MembershipSources {
  readonly file: readonly Member[];
  /** By command; tombstones too. */
  readonly records: readonly MembershipRecord[];
  readonly found: readonly FoundAddress[];
}

export interface JoinedMembers {
  readonly members: readonly Member[];
  /** Stored addresses that can't be used here, for people. Their members are expected all the same. */
  readonly problems: readonly string[];
}

/** Joins the sources: the file and the commands say who is expected, and the others only add addresses to those. A record that
 *  removes takes nothing out that the file names, and no source but these two ever takes anything out. */
export function joinMembers({ file, records, found }: MembershipSources): JoinedMembers {
  const drafts = new Drafts();
  const problems: string[] = [];
  for (const member of file) drafts.add({ ...member, addresses: [...member.addresses], sources: new Set(["file"]) });
  for (const record of records) takeRecord(record, drafts, problems);
  for (const address of found) drafts.named(address.hostName)?.addAddress(address.endpoint, address.source);
  return { members: drafts.members(), problems };
}

/** True for a record that by itself makes a host expected; one without addresses only says more of a host of the file. */
function expectsHost(record: MembershipRecord): boolean {
  return record.state !== "removed" && record.addresses.length > 0;
}

/** Why a host is out of service, for people. */
function drainText({ reason, changedBy }: Pick<MembershipRecord, "reason" | "changedBy">): string {
  return `taken out of service${changedBy === "" ? "" : ` by ${changedBy}`}${reason === "" ? "" : `: ${reason}`}`;
}

function takeRecord(record: MembershipRecord, drafts: Drafts, problems: string[]): void {
  if (record.state === "removed") return;
  const known = drafts.find(record);
  if (!known && !expectsHost(record)) return;
  const draft = known ?? drafts.add({ ...recordName(record), addresses: [], sources: new Set() });
  if (record.hostId !== "") draft.facts.hostId ??= record.hostId;
  if (record.state === "draining") draft.facts.draining = drainText(record);
  for (const address of record.addresses) {
    try {
      draft.addAddress(parseAddress(address), "command");
    } catch (thrown) {
      draft.facts.sources.add("command");
      problems.push(`${memberName(record)}: ${MosaicError.from(thrown).message}`);
    }
  }
}

function recordName({ role, tenantId, name }: MembershipRecord): Pick<Member, "role" | "tenantId" | "name"> {
  return { role, tenantId, name };
}

interface DraftFacts {
  readonly role: Member["role"];
  readonly tenantId: string;
  readonly name: string;
  readonly addresses: Address[];
  readonly sources: Set<string>;
  hostId?: string | undefined;
  draining?: string | undefined;
}

class Draft {
  readonly facts: DraftFacts;

  constructor(facts: DraftFacts) {
    this.facts = facts;
  }

  addAddress(endpoint: Address, source: string): void {
    const { addresses, sources } = this.facts;
    sources.add(source);
    if (!addresses.some((known) => formatAddress(known) === formatAddress(endpoint))) addresses.push(endpoint);
  }

  toMember(): Member {
    const { role, tenantId, name, hostId, draining } = this.facts;
    const [first = NOWHERE, ...others] = this.facts.addresses;
    return {
      ...{ role, tenantId, name, addresses: [first, ...others], sources: [...this.facts.sources].sort() },
      ...(hostId === undefined ? {} : { hostId }),
      ...(draining === undefined ? {} : { draining }),
    };
  }
}

class Drafts {
  readonly #byKey = new Map<string, Draft>();
  readonly #byHostId = new Map<string, Draft>();
  #byName: Map<string, Draft[]> | undefined;

  add(facts: DraftFacts): Draft {
    const draft = new Draft(facts);
    this.#byKey.set(memberKey(facts), draft);
    if (facts.hostId !== undefined) this.#byHostId.set(idKeyOf(facts, facts.hostId), draft);
    return draft;
  }

  // By its id where both say one: a host that was renamed is not there twice.
  find(record: MembershipRecord): Draft | undefined {
    const byId = record.hostId === "" ? undefined : this.#byHostId.get(idKeyOf(record, record.hostId));
    return byId ?? this.#byKey.get(memberKey(record));
  }

  // By the whole name, else by its first label. Where several tenants have a host of that name nobody can tell whose address it
  // is, and a wrong one would only show somebody else as an impostor.
  named(hostName: string): Draft | undefined {
    this.#byName ??= Map.groupBy(
      [...this.#byKey.values()].filter(({ facts }) => facts.role === "node"),
      ({ facts }) => facts.name.toLowerCase(),
    );
    const whole = hostName.toLowerCase().replace(/\.$/, "");
    const found = this.#byName.get(whole) ?? this.#byName.get(whole.split(".")[0] ?? "");
    return found?.length === 1 ? found[0] : undefined;
  }

  members(): readonly Member[] {
    return [...this.#byKey.values()].map((draft) => draft.toMember());
  }
}

function idKeyOf({ role, tenantId }: Pick<Member, "role" | "tenantId">, hostId: string): string {
  return `${role} ${tenantId} ${hostId}`;
}

/** Where a member is looked for none of whose addresses can be used: it is expected, so it is listed, and nobody answers. */
const NOWHERE: Address = { kind: "tcp", hostname: "127.0.0.1", port: 0 };
