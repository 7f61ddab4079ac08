import { connect, type Socket } from "node:net";
import { aborted, type Clock, type Log, MosaicError } from "@mosaic/core";
import { type Endpoint, formatEndpoint } from "../endpoint.ts";
import type { RpcServer } from "../server/rpc-server.ts";
import { openTls, REVERSE_PROTOCOL, type TlsClientOptions, withIdentity } from "../tls/open-tls.ts";
import { refusalOf } from "../tls/refusal-of.ts";
import { shownChain } from "../tls/shown-chain.ts";

export interface DialOutOptions {
  /** Where an aggregator waits for hosts that dial in. */
  readonly endpoint: Endpoint;
  /** Serves what is asked over the connection. */
  readonly server: Pick<RpcServer, "adopt">;
  /** Who dials and who is expected there, for an endpoint with TLS. Default of the latter: an aggregator. */
  readonly tls?: TlsClientOptions | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** How the dialling is now, for a person. */
export interface DialState {
  readonly isConnected: boolean;
  /** Why the last attempt failed or the last connection ended; empty while connected. */
  readonly detail: string;
}

export interface DialOut extends AsyncDisposable {
  readonly state: DialState;
}

/** Bounds of the wait between two attempts, in ms. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** A connection that lasted so long was a good one: the next attempt begins with a short wait again. */
const GOOD_AFTER_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** After new credentials a connection is made anew within so long, in ms: not by all hosts in one moment, and not before the aggregator
 *  has its own. */
const RENEW_WITHIN_MS = [1000, 5000] as const;
/** So long before what the aggregator has shown ends, in ms. */
const RENEW_BEFORE_END_MS = 10 * 60_000;
/** The connection before is left to the calls that run over it for so long, in ms. The aggregator hangs it up when the next is there. */
const OVERLAP_MS = 15_000;
const RENEWED = "made anew";

/** Keeps one connection open to an aggregator that can't reach this host, and serves on it: the host dials, and then the roles
 *  flip (ADR 0022). Runs until it is disposed. */
export function dialOut(options: DialOutOptions): DialOut {
  const stop = new AbortController();
  let state: DialState = { isConnected: false, detail: "not tried yet" };
  const ended = keepDialling(options, stop.signal, (now) => {
    state = now;
  });
  return {
    get state() {
      return state;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

/** How long to wait before the next attempt, in ms: full jitter under a bound that doubles, so that a thousand hosts whose
 *  aggregator restarts do not come back in one moment. */
export function redialDelayMs(failures: number, random: () => number): number {
  const boundMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
  return Math.round(boundMs * (0.1 + 0.9 * random()));
}

async function keepDialling(options: DialOutOptions, signal: AbortSignal, tell: (state: DialState) => void): Promise<void> {
  const { endpoint, clock, random, log } = options;
  const where = formatEndpoint(endpoint);
  let failures = 0;
  while (!signal.aborted) {
    const dialledAtMs = clock.monotonicMs();
    const detail = await serveOnce(options, signal, () => {
      log.info({ aggregator: where }, "dialled out");
      tell({ isConnected: true, detail: "" });
    });
    if (signal.aborted) return;
    if (detail === RENEWED) {
      failures = 0;
      continue;
    }
    failures = clock.monotonicMs() - dialledAtMs > GOOD_AFTER_MS ? 0 : failures + 1;
    // Once for each time that it is down, and not for each attempt.
    if (failures <= 1) log.warn({ aggregator: where, detail }, "not connected to the aggregator; dialling again");
    tell({ isConnected: false, detail: `${where}: ${detail}` });
    await clock.sleep(redialDelayMs(failures, random), signal);
  }
}

/** @returns why it ended, or that it is to be made anew while it still serves */
async function serveOnce(options: DialOutOptions, signal: AbortSignal, onOpen: () => void): Promise<string> {
  const { endpoint, server, tls } = options;
  const socket = open(endpoint, tls);
  const hangUp = () => socket.destroy();
  signal.addEventListener("abort", hangUp, { once: true });
  const gone = new AbortController();
  socket.once("close", () => {
    gone.abort();
    signal.removeEventListener("abort", hangUp);
  });
  const ended = new Promise<string>((resolve) => {
    let failure = "the connection ended";
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new MosaicError("DEADLINE", "no answer in time")));
    socket.on("error", (error) => {
      failure = refusalOf(error)?.message ?? error.message;
    });
    socket.once("close", () => resolve(failure));
    socket.once(endpoint.kind === "tls" ? "secureConnect" : "connect", () => {
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      keepAlive(socket);
      server.adopt(socket);
      onOpen();
      void untilWorn(socket, options, gone.signal).then(() => {
        if (gone.signal.aborted) return;
        setTimeout(hangUp, OVERLAP_MS).unref();
        resolve(RENEWED);
      });
    });
  });
  return await ended;
}

/** Resolves when a connection should be made anew, since what was shown on it is replaced or about to end: each call over it is judged
 *  by that. Without TLS it never is. */
async function untilWorn(socket: Socket, { tls, clock, random }: DialOutOptions, gone: AbortSignal): Promise<void> {
  const theirs = shownChain(socket);
  if (!tls || !theirs) return await aborted(gone);
  // With new roots the same certificate is read anew.
  const certificate = () => tls.identity.credentials?.chain[0]?.fingerprint256;
  const own = certificate();
  const renewed = new AbortController();
  using _ = tls.identity.onChange(() => {
    if (certificate() !== own) renewed.abort();
  });
  const endsAtMs = Math.min(...theirs.map(({ validTo }) => Date.parse(validTo)));
  const leftMs = endsAtMs - clock.nowUnixMs();
  // One that is short from the start is used for most of its time.
  await clock.sleep(Math.max(leftMs - RENEW_BEFORE_END_MS, leftMs * 0.8), AbortSignal.any([gone, renewed.signal]));
  const [leastMs, mostMs] = RENEW_WITHIN_MS;
  if (renewed.signal.aborted) await clock.sleep(leastMs + (mostMs - leastMs) * random(), gone);
}

function open(endpoint: Endpoint, tls: TlsClientOptions | undefined): Socket {
  if (endpoint.kind === "unix") return connect(endpoint.path);
  if (endpoint.kind === "tcp") return connect(endpoint.port, endpoint.hostname);
  return openTls(endpoint, { expect: { kind: "aggregator" }, ...withIdentity(endpoint, tls) }, REVERSE_PROTOCOL);
}

// What lies between may forget a connection on which nothing moves.
function keepAlive(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
}
