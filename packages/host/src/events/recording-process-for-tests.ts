/** A process that keeps events until it is killed: `<file> <first number>`. It says each number on stdout once it is on disk. */
import { writeSync } from "node:fs";
import { silentLog } from "@mosaic/core";
import { systemClock } from "../system-clock.ts";
import { openEventJournal } from "./open-event-journal.ts";
import { readEventsBack } from "./read-events-back.ts";

const [path = "", first = "0"] = process.argv.slice(2);
const small = { maxFileBytes: 20_000, maxFiles: 4, gatherMs: 1 };
const journal = await openEventJournal({ path, clock: systemClock, log: silentLog, random: Math.random, ...small });
const event = {
  kind: "agent.died",
  tenantId: "t",
  host: "h",
  from: "",
  to: "DEAD",
  reason: "x".repeat(100),
  traceparent: "",
} as const;

for (let number = Number(first); ; ) {
  const end = number + 20;
  for (; number < end; number += 1) journal.record({ ...event, agent: String(number) });
  // Read from the file, and not from what waits.
  for (let isThere = false; !isThere; ) {
    for await (const { agent } of readEventsBack(path)) {
      isThere = agent === String(end - 1);
      break;
    }
    if (!isThere) await systemClock.sleep(1, new AbortController().signal);
  }
  writeSync(1, `${end - 1}\n`);
}
