import type { Clock } from "@mosaic/core";
import type { AdvertisedService } from "../provider.ts";
import type { LinkWork } from "./link-set.ts";
import type { LinkSocket } from "./link-socket.ts";
import type { Link } from "./links.ts";
import type { DnsPacket } from "./packets.ts";
import { announcementOf, answerTo, recordsOf } from "./service-records.ts";

/** Announces a service on one link: at once, after 1 s and after 2 s more, and whenever it is asked for, at most four times a
 *  second however often it is asked. Disposing says goodbye. */
export function answerOnLink(
  deps: { readonly clock: Clock; readonly random: () => number },
  socket: LinkSocket,
  link: Link,
  service: AdvertisedService,
): LinkWork {
  const { clock, random } = deps;
  const records = recordsOf(service, link);
  const stop = new AbortController();
  const loop = announce(clock, stop.signal, () => socket.respond(announcementOf(records)));
  const waiting: DnsPacket[] = [];
  let answering: Promise<void> | undefined;
  const answerSoon = async () => {
    // Others who answer the same question should not do it in the same moment (RFC 6762, section 6).
    await clock.sleep(20 + Math.round(random() * 100), stop.signal);
    const asked = {
      type: "query" as const,
      questions: waiting.flatMap((query) => query.questions),
      answers: [],
      additionals: [],
    };
    const answer = answerTo(waiting.length === 1 ? (waiting[0] ?? asked) : asked, records);
    waiting.length = 0;
    if (answer !== undefined && !stop.signal.aborted) await socket.respond(answer);
    await clock.sleep(ANSWER_PAUSE_MS, stop.signal);
    answering = undefined;
    if (waiting.length > 0 && !stop.signal.aborted) answering = answerSoon();
  };
  return {
    onPacket(packet) {
      if (packet.type !== "query" || waiting.length >= MAX_WAITING || answerTo(packet, records) === undefined) return;
      waiting.push(packet);
      answering ??= answerSoon();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([loop, answering]);
      await socket.respond(announcementOf(records, 0));
    },
  };
}

async function announce(clock: Clock, signal: AbortSignal, send: () => Promise<void>): Promise<void> {
  for (const pauseMs of ANNOUNCE_PAUSES_MS) {
    if (signal.aborted) return;
    await send();
    await clock.sleep(pauseMs, signal);
  }
}

/** One packet may be lost; the answers to later questions make up for the rest. */
const ANNOUNCE_PAUSES_MS = [1000, 2000, 0];
const ANSWER_PAUSE_MS = 250;
/** Questions that wait for the next answer. More at a time only a flood has. */
const MAX_WAITING = 16;
