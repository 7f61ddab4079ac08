/** Durable messages: how many a store takes per second from one origin with 1, 32 and 256 in flight, and how long each takes. The
 *  floor is the same bytes appended to a file on the same disk in groups of as many, with one fsync for each group. */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { systemClock } from "@mosaic/host";
import { openMessageStore } from "@mosaic/store";
import { aMessage } from "@mosaic/testkit";
import { ReceiptSchema } from "@mosaic/wire";
import { percentile, report, spreadOf } from "./figures.ts";

const ROUNDS = 5;
const TEXT = "please look at the second line of the log, and say what you see there\n".repeat(6);
const IN_FLIGHT: readonly [inFlight: number, addsPerRound: number][] = [
  [1, 1000],
  [32, 4000],
  [256, 8000],
];

interface Measured {
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
}

const folder = mkdtempSync(join(process.env["MOSAIC_BENCH_DISK"] ?? tmpdir(), "mosaic-bench-"));
const limits = { maxPendingPerAgent: 1e9, maxPendingBytesPerAgent: 1e12, maxMessages: 1e9 };
const path = join(folder, "messages/inbox.db");
const store = await openMessageStore({ path, clock: systemClock, limits });
const bytes = Buffer.concat([Buffer.from(TEXT), toBinary(ReceiptSchema, aMessage().receipt)]);
let number = 0;

async function addDurably(inFlight: number, adds: number): Promise<Measured> {
  const latenciesMs: number[] = [];
  let left = adds;
  const lane = async () => {
    while (left-- > 0) {
      const startMs = performance.now();
      number += 1;
      await store.add(aMessage({ messageId: `019aa6f0-0000-7000-8000-${String(number).padStart(12, "0")}`, text: TEXT }));
      latenciesMs.push(performance.now() - startMs);
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { perSecond: adds / ((performance.now() - startMs) / 1000), latenciesMs };
}

function appendDurably(inFlight: number, adds: number): Measured {
  const file = openSync(join(folder, "floor"), "a", 0o600);
  const latenciesMs: number[] = [];
  const group = Buffer.concat(Array.from({ length: inFlight }, () => bytes));
  const startMs = performance.now();
  for (let done = 0; done < adds; done += inFlight) {
    const groupMs = performance.now();
    writeSync(file, group);
    fsyncSync(file);
    latenciesMs.push(performance.now() - groupMs);
  }
  const perSecond = adds / ((performance.now() - startMs) / 1000);
  closeSync(file);
  return { perSecond, latenciesMs };
}

try {
  for (const [inFlight, adds] of IN_FLIGHT) {
    const [ours, bare]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round += 1) {
      bare.push(appendDurably(inFlight, adds));
      ours.push(await addDurably(inFlight, adds));
    }
    // The first round warms up.
    const rates = (runs: readonly Measured[]) => runs.slice(1).map(({ perSecond }) => perSecond);
    const latencies = (runs: readonly Measured[]) => runs.slice(1).flatMap(({ latenciesMs }) => latenciesMs);
    report({
      name: `durable adds per second, ${inFlight} in flight`,
      value: percentile(rates(ours), 0.5),
      unit: "req/s",
      n: ROUNDS * adds,
      spread: { min: Math.min(...rates(ours)), max: Math.max(...rates(ours)) },
      floor: { name: `write and fsync of the same bytes, ${inFlight} at a time`, value: percentile(rates(bare), 0.5) },
      goal: "at least 1,000",
    });
    report({
      name: `time of one durable add, ${inFlight} in flight`,
      value: percentile(latencies(ours), 0.5),
      unit: "ms",
      n: ROUNDS * adds,
      spread: spreadOf(latencies(ours)),
      floor: { name: "one write and fsync", value: percentile(latencies(bare), 0.5) },
    });
  }
} finally {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
