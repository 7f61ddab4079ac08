import type { X509Certificate } from "node:crypto";
import { type Clock, type ErrorCode, MosaicError } from "@mosaic/core/light";
import type { InfoResponseJson, ListResponseJson } from "@mosaic/wire";
import { meshWord } from "../fleet/enum-text.ts";
import { ageText } from "../output/age-text.ts";
import type { ProbeLink } from "./probe-link.ts";

/** The contract that this command speaks (`protocol_version` of Info). */
export const PROTOCOL_VERSION = 1;

/** One step of a probe. */
export interface ProbeStep {
  readonly step: "connect" | "certificate" | "health" | "version" | "list" | "clock" | "watch";
  readonly outcome: "ok" | "warn" | "failed" | "skipped";
  /** How long it took, in ms; null: it costs no call. */
  readonly ms: number | null;
  /** One clause for people. */
  readonly found: string;
  /** Name of the error; empty: none. */
  readonly code: ErrorCode | "";
  /** What to type next; empty: nothing. */
  readonly next: string;
}

/** `refused`: who answers is not believed, or does not let the caller in. */
export type ProbeVerdict = "healthy" | "degraded" | "unreachable" | "refused";

export interface Probe {
  readonly verdict: ProbeVerdict;
  readonly steps: readonly ProbeStep[];
}

export interface ProbeContext {
  readonly clock: Clock;
  /** The contract that this command speaks. */
  readonly protocolVersion: number;
}

/** Asks one endpoint for everything that a caller of it needs, one step after the other, and says how it stands. After a step that
 *  nothing can come after, the others are skipped.
 *  @throws MosaicError CANCELLED */
export async function probe(link: ProbeLink, context: ProbeContext): Promise<Probe> {
  const steps: ProbeStep[] = [];
  const connected = await timed(
    "connect",
    context.clock,
    () => link.connect(),
    () => ["ok", "connected"],
  );
  steps.push(connected.step);
  if (connected.step.outcome === "failed")
    return judge([...steps, ...skipped("certificate", "health", "version", "list", "clock", "watch")]);
  steps.push(certificateStep(connected.value, context.clock.nowUnixMs()));
  const health = await timed(
    "health",
    context.clock,
    () => link.health(),
    (word) => [word === "SERVING" ? "ok" : "warn", word],
  );
  const info = await timed(
    "version",
    context.clock,
    () => link.unary<InfoResponseJson>("Info", {}),
    (answer) => versionFound(answer, context),
  );
  const list = await timed("list", context.clock, () => link.unary<ListResponseJson>("List", {}), listFound);
  const clock = clockStep(list.value, context.clock.nowUnixMs(), list.step.ms ?? 0);
  const watch = await timed(
    "watch",
    context.clock,
    () => link.watchSnapshot(),
    (frames) => ["ok", `a snapshot of ${frames} frames`],
  );
  return judge([...steps, health.step, info.step, list.step, clock, watch.step]);
}

type Found = readonly [outcome: "ok" | "warn", found: string, next?: string];

async function timed<T>(
  step: ProbeStep["step"],
  clock: Clock,
  work: () => Promise<T>,
  found: (value: T) => Found,
): Promise<{ readonly step: ProbeStep; readonly value: T | undefined }> {
  const startedAtMs = clock.monotonicMs();
  const elapsedMs = () => Math.round((clock.monotonicMs() - startedAtMs) * 10) / 10;
  try {
    const value = await work();
    const ms = elapsedMs();
    const [outcome, text, next = ""] = found(value);
    return { step: { step, outcome, ms, found: text, code: "", next }, value };
  } catch (thrown) {
    const { code, message, hint } = MosaicError.from(thrown);
    if (code === "CANCELLED") throw thrown;
    const next = hint ?? (code === "NOT_SERVED" ? NOBODY_THERE : "");
    return { step: { step, outcome: "failed", ms: elapsedMs(), found: message, code, next }, value: undefined };
  }
}

/** Whether it is a daemon that does not run, or the way to it, is told on the other side of the way. */
const NOBODY_THERE = "mosaic gateway status  # on that host";

/** Renewal comes at half of a certificate's life; what has less than this left is not being renewed. */
const LEAST_LEFT_SHARE = 0.25;

function certificateStep(certificate: X509Certificate | undefined, nowUnixMs: number): ProbeStep {
  if (!certificate) return seen("certificate", "skipped", "there is no TLS on this way");
  const [fromMs, toMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const who = (certificate.subjectAltName ?? "").replace(/^URI:/, "");
  const days = ((toMs - nowUnixMs) / 86_400_000).toFixed(1);
  const found = `${who}, for another ${ageText(toMs - nowUnixMs)} (${days} days)`;
  const isEnding = toMs - nowUnixMs < (toMs - fromMs) * LEAST_LEFT_SHARE;
  const next = "mosaic doctor --only certificate  # on that host";
  return isEnding ? seen("certificate", "warn", `${found}: it is not being renewed`, next) : seen("certificate", "ok", found);
}

function versionFound(info: InfoResponseJson, { protocolVersion }: ProbeContext): Found {
  const role = meshWord(info.role, "ROLE_").toLowerCase();
  const found = `mosaic-${role} ${info.version ?? "?"} on ${info.host ?? "?"}, contract ${info.protocolVersion ?? 0}`;
  if ((info.protocolVersion ?? 0) === protocolVersion) return ["ok", found];
  return ["warn", `${found}, this command speaks ${protocolVersion}`, "mosaic version --all"];
}

function listFound({ hosts = [], agents = [], conditions = [] }: ListResponseJson): Found {
  const answering = hosts.filter(({ state }) => ["LIVE", "DRAINING"].includes(meshWord(state, "HOST_STATE_")));
  const found = `${answering.length} of ${hosts.length} hosts answer, ${agents.length} agents`;
  const wrong = conditions.map(({ type = "" }) => type).join(", ");
  if (answering.length === hosts.length && wrong === "") return ["ok", found];
  return ["warn", wrong === "" ? found : `${found}; ${wrong}`, "mosaic host list --all-hosts"];
}

/** As aggregators tell it of hosts, in ms. */
const MOST_MS = 2000;

// A host's row says what its clock showed and how long ago that was; half of the call's time is the way of the answer.
function clockStep(list: ListResponseJson | undefined, nowUnixMs: number, callMs: number): ProbeStep {
  const aheadMs = (list?.hosts ?? [])
    .filter(({ state, asOfUnixMs }) => meshWord(state, "HOST_STATE_") === "LIVE" && Number(asOfUnixMs ?? 0) > 0)
    .map(({ host = "", asOfUnixMs, ageMs }) => ({ host, ms: Number(asOfUnixMs) + Number(ageMs ?? 0) + callMs / 2 - nowUnixMs }))
    .sort((one, other) => Math.abs(other.ms) - Math.abs(one.ms))[0];
  if (!aheadMs) return seen("clock", "skipped", "no host answers whose clock could be told");
  const { host, ms } = aheadMs;
  const found = `${host} is ${Math.abs(Math.round(ms))} ms ${ms < 0 ? "behind" : "ahead of"} this clock`;
  if (Math.abs(ms) <= MOST_MS) return seen("clock", "ok", found);
  return seen("clock", "warn", found, `timedatectl  # here and on ${host}`);
}

function skipped(...names: readonly ProbeStep["step"][]): ProbeStep[] {
  return names.map((step) => seen(step, "skipped", "nobody answers"));
}

/** A step that costs no call of its own. */
function seen(step: ProbeStep["step"], outcome: ProbeStep["outcome"], found: string, next = ""): ProbeStep {
  return { step, outcome, ms: null, found, code: "", next };
}

function judge(steps: readonly ProbeStep[]): Probe {
  const failed = steps.filter(({ outcome }) => outcome === "failed");
  const isRefused = failed.some(({ code }) => code === "IDENTITY_REFUSED" || code === "NOT_ALLOWED");
  const isSilent = failed.some(({ step }) => step === "connect") || failed.length === CALLS;
  if (isRefused) return { verdict: "refused", steps };
  if (isSilent) return { verdict: "unreachable", steps };
  return { verdict: failed.length > 0 || steps.some(({ outcome }) => outcome === "warn") ? "degraded" : "healthy", steps };
}

/** Health, version, list and watch: what is there and answers none of them is no FleetService. */
const CALLS = 4;
