import type { Clock } from "@mosaic/core/light";
import { systemClock } from "@mosaic/host";
import { fixedIdentity, renewAtUnixMs } from "@mosaic/identity/light";
import { type OwnIdentity, readOwnIdentity } from "./own-identity.ts";

export interface KeepFreshOptions {
  readonly clock?: Clock;
  /** Reads who the caller is, and renews it when that is due. */
  readonly read?: () => Promise<OwnIdentity>;
}

/** So that it is tried again soon, and a host that slept is noticed when it wakes. */
const LONGEST_PAUSE_MS = 60_000;
const SHORTEST_PAUSE_MS = 1000;

/** An identity that stays fresh for as long as a command follows something with it: from half of its certificate's life on it is read
 *  and renewed again, and new connections show the newer one. Disposing ends that. */
export function keptFresh(
  mosaicHome: string,
  first: OwnIdentity,
  { clock = systemClock, read = () => readOwnIdentity(mosaicHome) }: KeepFreshOptions = {},
): { readonly identity: OwnIdentity } & AsyncDisposable {
  const source = fixedIdentity(first.trust, first.credentials);
  const stop = new AbortController();
  const dueInMs = () => {
    const [leaf] = (source.credentials ?? first.credentials).chain;
    return leaf ? renewAtUnixMs(leaf, 0.5) - clock.nowUnixMs() : LONGEST_PAUSE_MS;
  };
  const keeping = (async () => {
    while (!stop.signal.aborted) {
      if (dueInMs() <= 0) {
        // One that can't be renewed now is used while it holds, and then its calls say so.
        const next = await read().catch(() => undefined);
        if (next) source.replace(next.trust, next.credentials);
      }
      const pauseMs = dueInMs();
      await clock.sleep(pauseMs <= 0 ? LONGEST_PAUSE_MS : clamp(pauseMs), stop.signal);
    }
  })();
  return {
    identity: {
      get credentials() {
        return source.credentials ?? first.credentials;
      },
      get trust() {
        return source.trust;
      },
      onChange: (listener) => source.onChange(listener),
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await keeping;
    },
  };
}

function clamp(ms: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, ms));
}
