import { type Clock, isFinal, type Lease, type LeaseStore, type Log, MosaicError, type StoredMessage } from "@mosaic/core";
import type { Database } from "./database.ts";
import type { OutboxRow } from "./outbox-row.ts";
import { adopt, letGo, liveTokens, type Writer } from "./outbox-table.ts";
import type { SharedMessages } from "./shared-messages.ts";

export interface CarrierDeps {
  readonly database: Database;
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CarrierOptions {
  readonly ownId: string;
  readonly leaseMs: number;
}

/** One aggregator as a carrier of messages: its lease, and what it takes over of those whose lease is over. */
export class Carrier {
  /** Says what it can carry now. */
  canCarry: (message: StoredMessage) => boolean = () => true;
  readonly #deps: CarrierDeps;
  readonly #options: CarrierOptions;
  readonly #messages: SharedMessages;
  #lease: Lease | undefined;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  /** By sequence: since when a message of its own can't be carried. */
  #stuckSinceMs: ReadonlyMap<number, number> = new Map();

  constructor(deps: CarrierDeps, options: CarrierOptions, messages: SharedMessages) {
    this.#deps = deps;
    this.#options = options;
    this.#messages = messages;
  }

  /** The token of its lease; 0: it has never had one. */
  get token(): number {
    return this.#lease?.token ?? 0;
  }

  /** Makes its lease last, three times as often as it must.
   *  @throws MosaicError STORE_UNAVAILABLE */
  async renew(): Promise<void> {
    const { clock, leases } = this.#deps;
    const { ownId, leaseMs } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#renewedAtMs < leaseMs / 3) return;
    const lease = await leases.acquire(`outbox/${ownId}`, ownId, leaseMs, new AbortController().signal);
    if (lease === undefined) throw new MosaicError("STORE_UNAVAILABLE", `somebody else holds the lease of aggregator ${ownId}`);
    this.#lease = lease;
    this.#renewedAtMs = nowMs;
  }

  /** As whom it writes.
   *  @throws MosaicError STORE_UNAVAILABLE */
  async writer(): Promise<Writer> {
    await this.renew();
    const knownVersion = (sequence: number) => this.#messages.rowOf(sequence)?.version ?? 0;
    return { owner: this.#options.ownId, token: this.token, knownVersion };
  }

  /** Takes over what nobody carries any more, of what it can carry (what has expired anybody can end); and leaves to the others
   *  what it can't carry and has not been able to for as long as a lease lasts.
   *  @returns true when something changed hands
   *  @throws MosaicError STORE_UNAVAILABLE */
  async shareOut(): Promise<boolean> {
    const open = [...this.#messages.rows()].filter(({ facts }) => !isFinal(facts.receipt.state));
    const ours = open.filter((row) => row.ownerToken === this.token);
    const stuck = this.#stuck(ours);
    const others = open.filter((row) => row.ownerToken !== this.token && this.#isWanted(row));
    if (stuck.length === 0 && others.length === 0) return false;
    const { database, log } = this.#deps;
    const live = await liveTokens(database);
    const orphans = others.filter((row) => !live.has(row.ownerToken));
    const taken = orphans.length > 0 ? await adopt(database, sequencesOf(orphans), await this.writer()) : 0;
    const isAlone = [...live].every((token) => token === this.token);
    const left = stuck.length > 0 && !isAlone ? await letGo(database, sequencesOf(stuck), await this.writer()) : 0;
    if (taken > 0) log.info({ count: taken }, "messages that nobody carried are carried from here now");
    if (left > 0) log.info({ count: left }, "messages whose hosts can't be reached from here are left to the other aggregators");
    return taken + left > 0;
  }

  #stuck(ours: readonly OutboxRow[]): OutboxRow[] {
    const nowMs = this.#deps.clock.monotonicMs();
    const before = this.#stuckSinceMs;
    const unable = ours.filter((row) => !this.#isWanted(row));
    this.#stuckSinceMs = new Map(unable.map(({ facts }) => [facts.sequence, before.get(facts.sequence) ?? nowMs]));
    return unable.filter(({ facts }) => nowMs - (before.get(facts.sequence) ?? nowMs) >= this.#options.leaseMs);
  }

  #isWanted({ facts }: OutboxRow): boolean {
    const message = this.#messages.get(facts.messageId);
    return message !== undefined && (message.expiresAtUnixMs <= this.#deps.clock.nowUnixMs() || this.canCarry(message));
  }

  /** Ends its lease, so that what it carries is taken over at once. */
  async release(): Promise<void> {
    const lease = this.#lease;
    this.#lease = undefined;
    this.#renewedAtMs = Number.NEGATIVE_INFINITY;
    if (lease) await this.#deps.leases.release(lease, new AbortController().signal);
  }
}

function sequencesOf(rows: readonly OutboxRow[]): number[] {
  return rows.map(({ facts }) => facts.sequence);
}
