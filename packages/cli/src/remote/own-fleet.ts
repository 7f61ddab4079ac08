import { type CallerIdentity, connectFleet, type Fleet } from "@mosaic/client";
import { formatEndpoint } from "@mosaic/rpc/plain-unary";
import type { CommandDeps } from "../command.ts";
import type { Io } from "../io/io.ts";
import { DEFAULT_TIMEOUT_MS, type GlobalOptions } from "../parse/global-options.ts";
import { askFirst, placesFor } from "./endpoints.ts";

/** Certificates last for a day; who reads them renews what is due. In ms. */
const READ_AGAIN_MS = 10 * 60_000;

/** Connects to the first place that answers, as whoever this home is: for commands that serve others for long, and may do for them
 *  what their caller may and nothing more.
 *  @param sourceLabel who is speaking, for agents and the audit
 *  @throws MosaicError NOT_SERVED when nobody answers, IDENTITY_REFUSED when a daemon with TLS has to be called and nobody is enrolled */
export async function connectOwnFleet(
  globals: GlobalOptions,
  io: Io,
  deps: Pick<CommandDeps, "remote" | "traceparent">,
  sourceLabel: string,
  clientKind: string,
): Promise<Fleet> {
  const deadlineMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const endpoint = await askFirst(placesFor("anywhere", globals), async (place) => {
    await deps.remote.unary(place.endpoint, "Info", {}, deadlineMs);
    return place.endpoint;
  });
  const stop = new AbortController();
  const identity = endpoint.kind === "tls" ? await freshIdentity(globals.mosaicHome, io.clock, stop.signal) : undefined;
  const { traceparent } = deps;
  const fleet = connectFleet({ endpoint: formatEndpoint(endpoint), deadlineMs, sourceLabel, identity, traceparent, clientKind });
  return {
    ...fleet,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await fleet[Symbol.asyncDispose]();
    },
  };
}

/** This home's identity, read again from time to time. */
async function freshIdentity(mosaicHome: string, clock: Io["clock"], signal: AbortSignal): Promise<CallerIdentity> {
  const { readOwnIdentity } = await import("../local/own-identity.ts");
  let current = await readOwnIdentity(mosaicHome);
  const listeners = new Set<() => void>();
  const readOn = async () => {
    while (!signal.aborted) {
      await clock.sleep(READ_AGAIN_MS, signal);
      // What can't be read now may be in the middle of its renewal; if it stays so, the daemons say it with the next call.
      current = await readOwnIdentity(mosaicHome).catch(() => current);
      for (const listener of listeners) listener();
    }
  };
  void readOn();
  return {
    get credentials() {
      return current.credentials;
    },
    get trust() {
      return current.trust;
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
