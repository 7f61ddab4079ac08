import { formatAddress, MosaicError } from "@mosaic/core/light";
import type { Io } from "../io/io.ts";
import { plainText } from "../output/plain-text.ts";
import { silentHosts, type Verdict } from "./verify-answer.ts";

/** Long enough for a node to be asked at ease, short enough that nobody waits for the command once the fleet is up. */
const LOOK_EVERY_MS = 500;
const MAX_NAMED = 3;

/** Judges again and again until everything is live or the time is over, and says on stderr what it waits for whenever that
 *  changes. A fleet that does not answer yet is waited for as well.
 *  @param waitMs 0: judge once
 *  @returns the last verdict
 *  @throws MosaicError the last failure when there was no answer at the end; CANCELLED */
export async function verifyUntil(look: () => Promise<Verdict>, waitMs: number, io: Io): Promise<Verdict> {
  const endsAtMs = io.clock.monotonicMs() + waitMs;
  let said = "";
  for (;;) {
    const outcome = await attempt(look);
    if ("answer" in outcome && outcome.answer.live) return outcome;
    io.signal.throwIfAborted();
    const leftMs = endsAtMs - io.clock.monotonicMs();
    if (leftMs <= 0) {
      if ("answer" in outcome) return outcome;
      throw outcome;
    }
    const waitingFor = "answer" in outcome ? whatIsMissing(outcome) : outcome.message;
    if (waitingFor !== said) io.stderr.write(`mosaic: waiting: ${plainText(waitingFor)}\n`);
    said = waitingFor;
    await io.clock.sleep(Math.min(LOOK_EVERY_MS, leftMs), io.signal);
    io.signal.throwIfAborted();
  }
}

async function attempt(look: () => Promise<Verdict>): Promise<Verdict | MosaicError> {
  try {
    return await look();
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    if (PASSING.has(error.code)) return error;
    throw error;
  }
}

/** Failures that a daemon's start, or a host's, mends. */
const PASSING: ReadonlySet<string> = new Set(["NOT_SERVED", "DEADLINE", "HOST_UNREACHABLE"]);

function whatIsMissing({ answer }: Verdict): string {
  const silent = silentHosts(answer).map((host) => `host ${host.host} is ${host.state}`);
  // The reasons hold ages, which would make every look a new line.
  const agents = answer.items
    .filter((item) => !item.live && item.kind !== "host-lost")
    .map((item) => `${formatAddress({ tenantId: "", host: item.host, name: item.name })} (${item.kind})`);
  const named = [...silent, ...agents];
  const more = named.length > MAX_NAMED ? ` and ${named.length - MAX_NAMED} more` : "";
  return `${named.slice(0, MAX_NAMED).join(", ")}${more}`;
}
