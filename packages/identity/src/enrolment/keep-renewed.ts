import type { X509Certificate } from "node:crypto";
import { type Clock, type FileStore, type Log, MosaicError } from "@mosaic/core";
import { formatCredentials, parseCertificates, parseRoots } from "../credentials.ts";
import type { Trust } from "../peer.ts";
import { createCsr } from "./csr.ts";
import { formatLocks } from "./locks.ts";
import { pinOf } from "./pin.ts";
import { type OwnFiles, readOwn } from "./read-own.ts";
import { renewAtUnixMs } from "./renewal.ts";
import { readSignedNews } from "./signed-news.ts";

/** What is asked of the authority; the fields are those of RenewRequest. */
export interface RenewalRequest {
  readonly csr: Uint8Array;
  readonly chain: string;
  readonly wantsCertificate: boolean;
  readonly newsSeen: string;
  readonly waitMs: number;
}

/** What it answers; absent is empty. */
export interface RenewalReply {
  readonly chain?: string | undefined;
  readonly roots?: string | undefined;
  readonly locks?: string | undefined;
  readonly news?: string | undefined;
  readonly renewNow?: boolean | undefined;
}

/** The way to the authority. */
export interface RenewalService {
  /** @param trust whom to believe that it is the authority */
  renew(request: RenewalRequest, trust: Trust, signal: AbortSignal): Promise<RenewalReply>;
  confirmRoots(request: { csr: Uint8Array; chain: string; rootPins: string[] }, trust: Trust, signal: AbortSignal): Promise<void>;
}

export interface KeepRenewedOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly files: FileStore;
  readonly log: Log;
  /** Where credentials.pem, roots.pem and locks.json are. */
  readonly folder: string;
  readonly service: RenewalService;
  /** How long one question for news waits, in ms. Default 25 s. */
  readonly newsWaitMs?: number;
}

/** How renewal is, for a person. */
export interface RenewalState {
  /** When the certificate ends, in ms since 1970; 0: not read yet. */
  readonly endsAtUnixMs: number;
  /** Why the last attempts failed; empty while all is well. */
  readonly problem: string;
}

export interface KeptRenewed extends AsyncDisposable {
  readonly state: RenewalState;
}

const NEWS_WAIT_MS = 25_000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** How many attempts in a row may fail before a person is told. */
const TOLD_FROM = 3;

/** Keeps the credentials in a folder fresh: renewed at half of their life and, when that was slept through, late; with the roots and
 *  the locks as the authority tells them. Each file is replaced as a whole, and whoever serves with them follows. Runs until disposed. */
export function keepRenewed(options: KeepRenewedOptions): KeptRenewed {
  const stop = new AbortController();
  let state: RenewalState = { endsAtUnixMs: 0, problem: "" };
  const ended = run(options, stop.signal, (fields) => {
    state = { ...state, ...fields };
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

async function run(
  options: KeepRenewedOptions,
  signal: AbortSignal,
  tell: (fields: Partial<RenewalState>) => void,
): Promise<void> {
  const { clock, random, log } = options;
  const memory: Memory = { news: "", draw: random(), serial: "", renewNow: false, confirmed: "" };
  let failures = 0;
  while (!signal.aborted) {
    try {
      await renewOnce(options, memory, signal, (endsAtUnixMs) => tell({ endsAtUnixMs }));
      failures = 0;
      tell({ problem: "" });
    } catch (thrown) {
      if (signal.aborted) return;
      failures += 1;
      memory.news = "";
      const { message } = MosaicError.from(thrown);
      if (failures === 1) log.warn({ error: message }, "the fleet's authority can't be asked; trying again");
      // An authority that is started again is nobody's business.
      if (failures >= TOLD_FROM) tell({ problem: message });
      const boundMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
      await clock.sleep(Math.round(boundMs * (0.1 + 0.9 * random())), signal);
    }
  }
}

/** Renews the credentials in a folder once, whatever their age, with the roots and the locks, and confirms the roots.
 *  @throws MosaicError NOT_ALLOWED for who was locked out, IDENTITY_REFUSED for who is no member, or as the service */
export async function renewNow(options: KeepRenewedOptions, signal: AbortSignal): Promise<void> {
  const memory: Memory = { news: "", draw: 0, serial: "", renewNow: true, confirmed: "" };
  await renewOnce(options, memory, signal, () => {});
  // What came with it is trusted from now on, and nobody may ask again for days.
  await confirm(options, memory, await readOwn(options), signal);
}

/** What is remembered from one question to the next. */
interface Memory {
  news: string;
  /** When in its life this certificate is renewed: drawn once for each. */
  draw: number;
  serial: string;
  renewNow: boolean;
  /** Pins of the roots that the authority knows us to trust. */
  confirmed: string;
}

/** Tells the authority which roots are trusted here, unless it knows. */
async function confirm(
  { service }: KeepRenewedOptions,
  memory: Memory,
  { trust, own }: OwnFiles,
  signal: AbortSignal,
): Promise<void> {
  const rootPins = trust.roots.map(pinOf);
  if (memory.confirmed === rootPins.join()) return;
  const chain = own.chain.map(String).join("");
  await service.confirmRoots({ csr: await createCsr(own.key), chain, rootPins }, trust, signal);
  memory.confirmed = rootPins.join();
}

async function renewOnce(
  options: KeepRenewedOptions,
  memory: Memory,
  signal: AbortSignal,
  tellEnd: (unixMs: number) => void,
): Promise<void> {
  const { clock, random, files, log, folder, service, newsWaitMs = NEWS_WAIT_MS } = options;
  const paths = { credentials: `${folder}/credentials.pem`, roots: `${folder}/roots.pem`, locks: `${folder}/locks.json` };
  const now = await readOwn(options);
  const { rootsPem, trust, own } = now;
  const [leaf] = own.chain as [X509Certificate];
  if (leaf.serialNumber !== memory.serial) {
    const isFirst = memory.serial === "";
    Object.assign(memory, { serial: leaf.serialNumber, draw: random(), renewNow: isFirst && memory.renewNow });
  }
  tellEnd(Date.parse(leaf.validTo));
  await confirm(options, memory, now, signal);
  const csr = await createCsr(own.key);
  const chain = own.chain.map(String).join("");
  const dueInMs = renewAtUnixMs(leaf, memory.draw) - clock.nowUnixMs();
  const wantsCertificate = memory.renewNow || dueInMs <= 0;
  const waitMs = Math.max(0, Math.min(newsWaitMs, dueInMs));
  const reply = await service.renew(
    { csr, chain, wantsCertificate, newsSeen: wantsCertificate ? "" : memory.news, waitMs },
    trust,
    signal,
  );
  const roots = reply.roots ?? "";
  const { locks } = readSignedNews(reply.locks ?? "", { roots }, csr, trust, clock.nowUnixMs());
  // Roots before the certificate: one that leads to a root that is not known here would be nobody's.
  if (roots !== rootsPem && parseRoots(roots, "the authority's reply").length > 0) await files.write(paths.roots, roots, 0o644);
  await files.write(paths.locks, formatLocks({ locks, asOfUnixMs: clock.nowUnixMs() }), 0o600);
  if (reply.chain) {
    await files.write(
      paths.credentials,
      formatCredentials({ key: own.key, chain: parseCertificates(reply.chain, "the reply") }),
      0o600,
    );
    log.info({ late: dueInMs < 0 && Date.parse(leaf.validTo) <= clock.nowUnixMs() }, "renewed the certificate");
  }
  memory.news = reply.news ?? "";
  memory.renewNow = reply.renewNow ?? false;
}
