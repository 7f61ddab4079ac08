import {
  type MembershipCursor,
  type MembershipKey,
  type MembershipRecord,
  type MembershipStore,
  MosaicError,
} from "@mosaic/core";

/** What outlives a membership store in memory, so that several can be open over the same. */
export interface MemoryMembership {
  readonly records: Map<string, { readonly record: MembershipRecord; readonly place: number }>;
  readonly listeners: Set<() => void>;
  lastPlace: number;
}

/** A {@link MembershipStore} that a test may break. */
export interface MemoryMembershipStore extends MembershipStore {
  /** Set by the test: why the store can't be asked now. Undefined: it can. */
  refusal: string | undefined;
  /** As `refusal`, of changes only. */
  writeRefusal: string | undefined;
}

/** Nobody was added yet. */
export function memoryMembership(): MemoryMembership {
  return { records: new Map(), listeners: new Set(), lastPlace: 0 };
}

/** Keeps membership in memory, by the rules of the port: for tests of what uses one. */
export function memoryMembershipStore(membership: MemoryMembership = memoryMembership()): MemoryMembershipStore {
  return new InMemory(membership);
}

class InMemory implements MemoryMembershipStore {
  refusal: string | undefined;
  writeRefusal: string | undefined;
  readonly #membership: MemoryMembership;

  constructor(membership: MemoryMembership) {
    this.#membership = membership;
  }

  async list(signal: AbortSignal): ReturnType<MembershipStore["list"]> {
    return this.#after(0, signal);
  }

  async changesSince(cursor: MembershipCursor, signal: AbortSignal): ReturnType<MembershipStore["changesSince"]> {
    return this.#after(Number(cursor), signal);
  }

  async put(record: MembershipRecord, signal: AbortSignal): Promise<MembershipRecord | undefined> {
    signal.throwIfAborted();
    this.#assertAnswers();
    if (this.writeRefusal !== undefined) throw new MosaicError("STORE_UNAVAILABLE", this.writeRefusal);
    const known = this.#membership.records.get(keyOf(record));
    if ((known?.record.rev ?? 0) !== record.rev) return undefined;
    this.#membership.lastPlace += 1;
    const stored = { ...record, rev: record.rev + 1 };
    this.#membership.records.set(keyOf(record), { record: stored, place: this.#membership.lastPlace });
    this.#tell();
    return stored;
  }

  onChange(listener: () => void): Disposable {
    this.#membership.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#membership.listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #after(place: number, signal: AbortSignal) {
    signal.throwIfAborted();
    this.#assertAnswers();
    const { records, lastPlace } = this.#membership;
    const news = [...records.values()].filter((stored) => stored.place > place);
    return { records: news.map(({ record }) => record), cursor: String(lastPlace) };
  }

  #tell(): void {
    for (const listener of this.#membership.listeners) {
      try {
        listener();
      } catch {
        // What is stored is stored: the failure is the listener's own.
      }
    }
  }

  #assertAnswers(): void {
    if (this.refusal !== undefined) throw new MosaicError("STORE_UNAVAILABLE", this.refusal);
  }
}

function keyOf({ role, tenantId, name }: MembershipKey): string {
  return JSON.stringify([role, tenantId, name]);
}
