import type { Clock } from "@mosaic/core";
import type { Address } from "@mosaic/core/membership";
import type { IdentitySource } from "@mosaic/identity";

/** A member that is followed, as far as its connection goes. */
export interface RenewableLink {
  readonly endpoint: Pick<Address, "kind">;
  renew(): void;
}

/** How long it takes to move a few members, in ms; and how long for each of many, so that a thousand handshakes don't come at once. */
const LEAST_MS = 2000;
const FOR_EACH_MS = 20;

/** Follows each member over a new connection soon after the aggregator's own certificate was replaced, one after the other. Otherwise
 *  they would all be lost for a moment when the old one ends, or when its root is dropped. Hosts that dial in come anew by themselves. */
export function renewLinks(identity: IdentitySource, links: () => readonly RenewableLink[], clock: Clock): AsyncDisposable {
  const stop = new AbortController();
  // With new roots the same certificate is read anew.
  const certificate = () => identity.credentials?.chain[0]?.fingerprint256;
  let shown = certificate();
  let round = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const watch = identity.onChange(() => {
    if (certificate() === shown) return;
    shown = certificate();
    round.abort();
    round = new AbortController();
    const signal = AbortSignal.any([stop.signal, round.signal]);
    running = running.then(() => moveAll(links(), clock, signal));
  });
  return {
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      stop.abort();
      await running;
    },
  };
}

async function moveAll(links: readonly RenewableLink[], clock: Clock, signal: AbortSignal): Promise<void> {
  const moving = links.filter(({ endpoint }) => endpoint.kind === "tls");
  const pauseMs = Math.max(FOR_EACH_MS, LEAST_MS / Math.max(1, moving.length));
  for (const link of moving) {
    await clock.sleep(pauseMs, signal);
    if (signal.aborted) return;
    link.renew();
  }
}
