import { create } from "@bufbuild/protobuf";
import { type Condition, ConditionSchema } from "@mosaic/wire";

/** What is wrong with membership now, for people; undefined: nothing with that part. */
export interface MembershipTrouble {
  /** The file can't be used. */
  readonly file: string | undefined;
  /** The store of what was added by command can't be asked. */
  readonly store: string | undefined;
  /** False: what was added by command was never read, so hosts may be missing. */
  readonly wasStoreRead: boolean;
  /** Stored addresses that can't be used here. */
  readonly addresses: string | undefined;
  /** Discovery by DNS. */
  readonly discovery: string | undefined;
}

/** Tells what is wrong with membership as conditions, and since when each has lasted. */
export class MembershipConditions {
  readonly #since = new Map<string, number>();

  /** @param nowUnixMs this machine's clock: said for people, never compared with another machine's */
  of(trouble: MembershipTrouble, nowUnixMs: number): Condition[] {
    const facts = factsOf(trouble);
    for (const type of this.#since.keys()) if (!facts.some(([known]) => known === type)) this.#since.delete(type);
    return facts.map(([type, message]) => {
      const sinceUnixMs = this.#since.get(type) ?? nowUnixMs;
      this.#since.set(type, sinceUnixMs);
      return create(ConditionSchema, {
        type,
        message: `${message} (since ${timeText(sinceUnixMs)})`,
        sinceUnixMs: BigInt(sinceUnixMs),
      });
    });
  }
}

// In the order of their names.
function factsOf({ file, store, wasStoreRead, addresses, discovery }: MembershipTrouble): [string, string][] {
  const facts: [string, string | undefined][] = [
    ["DISCOVERY_FAILED", discovery],
    ["MEMBERSHIP_ADDRESS", addresses],
    [
      "MEMBERSHIP_FROZEN",
      store && wasStoreRead ? `${store}; hosts can't be added or removed by command, and every host stays listed` : undefined,
    ],
    ["MEMBERSHIP_INVALID", file && `${file}; the last good file stays in force`],
    ["MEMBERSHIP_UNREAD", store && !wasStoreRead ? `${store}; hosts that were added by command are not listed yet` : undefined],
  ];
  return facts.flatMap(([type, message]): [string, string][] => (message ? [[type, message]] : []));
}

function timeText(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19)}Z`;
}
