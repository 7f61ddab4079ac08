import type { AuditLog, Clock, LastGoodFile, Log, MembershipStore } from "@mosaic/core";
import { type Member, memberKey } from "@mosaic/core/membership";
import type { Condition } from "@mosaic/wire";
import { CommandRecords } from "./command-records.ts";
import { joinMembers } from "./join-members.ts";
import { MembershipConditions } from "./membership-conditions.ts";
import type { RecordMemory } from "./record-memory.ts";
import { SrvAddresses, type SrvLookup } from "./srv-addresses.ts";

export interface MembershipDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Opens the file; called once, with what to do when it changes. */
  readonly openMembership: (onChange: () => void) => Promise<LastGoodFile<readonly Member[]>>;
  /** Opens the store of what is added, drained and removed by command. Absent: nothing can be. */
  readonly openMembershipStore?: (() => Promise<MembershipStore>) | undefined;
  /** Where records are remembered for a start without that store. Default: nowhere. */
  readonly recordMemory?: RecordMemory | undefined;
  /** Where changes are put on record. */
  readonly audit?: AuditLog | undefined;
  /** Looks addresses up in DNS. Absent: nobody does. */
  readonly srvLookup?: SrvLookup | undefined;
}

export interface MembershipOptions {
  /** The file's path, for people. */
  readonly path: string;
  /** The service whose SRV records are followed. */
  readonly srvService?: string | undefined;
}

/** How long a start waits for the store before it goes on without, in ms. */
const FIRST_READ_MS = 3000;

/** Who is expected, from all sources, kept up to date; and what is wrong with the sources. */
export class Membership implements AsyncDisposable {
  readonly path: string;
  readonly records: CommandRecords | undefined;
  readonly audit: AuditLog | undefined;
  readonly #deps: MembershipDeps;
  readonly #srv: SrvAddresses | undefined;
  readonly #conditions = new MembershipConditions();
  readonly #listeners = new Set<() => void>();
  #file: LastGoodFile<readonly Member[]> | undefined;
  #fileMembers: readonly Member[] = [];
  #members: readonly Member[] = [];
  #addressProblems: readonly string[] = [];

  private constructor(deps: MembershipDeps, { path, srvService }: MembershipOptions) {
    const { openMembershipStore, recordMemory, srvLookup } = deps;
    const onChange = () => this.#join();
    this.#deps = deps;
    this.path = path;
    this.audit = deps.audit;
    this.records = openMembershipStore && new CommandRecords({ ...deps, openMembershipStore, memory: recordMemory }, onChange);
    this.#srv = srvLookup && srvService ? new SrvAddresses({ ...deps, lookUp: srvLookup }, srvService, onChange) : undefined;
  }

  /** Opens every source. The file must be good to begin with; the others may come later.
   *  @throws MosaicError when there is no good file */
  static async open(deps: MembershipDeps, options: MembershipOptions): Promise<Membership> {
    const membership = new Membership(deps, options);
    try {
      membership.#file = await deps.openMembership(() => membership.#readFile());
      membership.#fileMembers = membership.#file.value;
      await membership.#firstRead();
      membership.#join();
      return membership;
    } catch (thrown) {
      await membership[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** Who is expected now. */
  get members(): readonly Member[] {
    return this.#members;
  }

  /** What is wrong with the sources now, ordered by type. */
  get conditions(): Condition[] {
    return this.#tellTrouble();
  }

  #tellTrouble(): Condition[] {
    const trouble = {
      file: this.#file?.problem?.message,
      store: this.records?.problem?.message,
      wasStoreRead: this.records?.wasRead ?? true,
      addresses: this.#addressProblems.length === 0 ? undefined : this.#addressProblems.join("; "),
      discovery: this.#srv?.problem,
    };
    return this.#conditions.of(trouble, this.#deps.clock.nowUnixMs());
  }

  /** Calls back when who is expected, or where, may have changed. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** True for a member that the file names. */
  isInFile(member: Pick<Member, "role" | "tenantId" | "name">): boolean {
    return this.#fileMembers.some((known) => memberKey(known) === memberKey(member));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#file?.[Symbol.dispose]();
    await Promise.all([this.records?.[Symbol.asyncDispose](), this.#srv?.[Symbol.asyncDispose]()]);
  }

  async #firstRead(): Promise<void> {
    if (!this.records) return;
    const read = new AbortController();
    await Promise.race([this.records.firstTry, this.#deps.clock.sleep(FIRST_READ_MS, read.signal)]);
    read.abort();
  }

  #readFile(): void {
    if (!this.#file) return;
    const before = this.#fileMembers;
    this.#fileMembers = this.#file.value;
    if (before !== this.#fileMembers) this.#putEditOnRecord(before, this.#fileMembers);
    this.#join();
  }

  // The edit is somebody's own and done already: what can't be put on record is said in the log, and takes effect.
  #putEditOnRecord(before: readonly Member[], after: readonly Member[]): void {
    const { audit, log } = this.#deps;
    const [old, fresh] = [new Set(before.map(memberKey)), new Set(after.map(memberKey))];
    const edits = [
      ...after.filter((member) => !old.has(memberKey(member))).map((member) => ["host.add", member] as const),
      ...before.filter((member) => !fresh.has(memberKey(member))).map((member) => ["host.remove", member] as const),
    ];
    for (const [action, { role, tenantId, name }] of edits) {
      audit
        ?.record({ action, actor: `file:${this.path}`, tenantId, host: name, facts: { role, source: "file" } })
        .catch((thrown: unknown) =>
          log.error({ action, member: name, error: String(thrown) }, "an edit of membership is not on record"),
        );
    }
  }

  #join(): void {
    const { members, problems } = joinMembers({
      file: this.#fileMembers,
      records: this.records?.all ?? [],
      found: this.#srv?.found ?? [],
    });
    this.#members = members;
    this.#addressProblems = problems;
    // Also when nobody asks, so that it is known since when it lasts.
    this.#tellTrouble();
    for (const listener of this.#listeners) listener();
  }
}
