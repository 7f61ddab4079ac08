import type { X509Certificate } from "node:crypto";
import { type Clock, MosaicError } from "@mosaic/core";
import { findLock, type LockView } from "./enrolment/locks.ts";
import type { IdentitySource } from "./identity-source.ts";
import { identityOf, PeerRefused, type Trust } from "./peer.ts";
import type { Identity } from "./spiffe-id.ts";

export interface CertifiedDeps {
  readonly identity: Pick<IdentitySource, "trust">;
  /** Who is locked out now. */
  readonly locks: () => LockView;
  readonly clock: Clock;
}

/** Somebody whose certificate is believed now. */
export interface KnownCaller {
  readonly identity: Identity;
  /** When the first of the certificates that it rests on ends. */
  readonly endsAtUnixMs: number;
}

/** Tells who calls by what was shown. What a connection has shown is judged once, and again with new roots; its time and the locks
 *  are looked at with each call. */
export class CertifiedCallers {
  readonly #deps: CertifiedDeps;
  readonly #known = new WeakMap<readonly X509Certificate[], KnownCaller & { readonly trust: Trust }>();

  constructor(deps: CertifiedDeps) {
    this.#deps = deps;
  }

  /** @throws PeerRefused naming the reason */
  of(chain: readonly X509Certificate[]): KnownCaller {
    const { identity: own, clock } = this.#deps;
    const known = this.#known.get(chain);
    const nowUnixMs = clock.nowUnixMs();
    if (known && known.trust === own.trust && nowUnixMs < known.endsAtUnixMs) return this.#unlocked(known, chain);
    const { trust } = own;
    const identity = identityOf(chain, trust, nowUnixMs);
    const endsAtUnixMs = Math.min(...chain.map(({ validTo }) => Date.parse(validTo)));
    const caller = { identity, endsAtUnixMs, trust };
    this.#known.set(chain, caller);
    return this.#unlocked(caller, chain);
  }

  #unlocked(caller: KnownCaller, chain: readonly X509Certificate[]): KnownCaller {
    const [leaf] = chain;
    const lock = leaf && findLock(this.#deps.locks(), caller.identity, leaf);
    if (!lock) return caller;
    const why = lock.reason === "" ? "" : `: ${lock.reason}`;
    throw new PeerRefused("locked", `${lock.kind} ${lock.value} is locked out${why}`);
  }
}

/** How long at most until what a stream rests on is looked at again without a sign, in ms: a clock may jump. */
const LOOK_AGAIN_MS = 30_000;

/** Looks again and again, at each change and when time is up, whether a call may go on.
 *  @param ask throws when it may not; else says until when nothing but a change can end it
 *  @returns why it may not, or undefined when `stop` aborted first */
export async function untilRefused(
  ask: () => { readonly endsAtUnixMs: number },
  onChange: (listener: () => void) => Disposable,
  clock: Clock,
  stop: AbortSignal,
): Promise<MosaicError | undefined> {
  let sign = new AbortController();
  using _ = onChange(() => sign.abort());
  const onStop = () => sign.abort();
  stop.addEventListener("abort", onStop, { once: true });
  try {
    while (!stop.aborted) {
      const { endsAtUnixMs } = ask();
      sign = new AbortController();
      const leftMs = Math.max(1, endsAtUnixMs - clock.nowUnixMs());
      if (!stop.aborted) await clock.sleep(Math.min(leftMs, LOOK_AGAIN_MS), sign.signal);
    }
    return undefined;
  } catch (thrown) {
    return MosaicError.from(thrown);
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}
