/** Jobs while systemd reads its unit files anew, again and again: it puts jobs aside for that and takes them up afterwards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { UnitControl } from "@mosaic/core";
import { needsSystemd, never, privateManager } from "./user-manager-for-tests.ts";

const RELOADS = 200;

/** Kinds of units whose jobs end in different ways: at once, with their program, when their program says so. */
const KINDS = {
  "simple@.service": ["[Service]", "ExecStart=/bin/sleep infinity"],
  "oneshot@.service": [
    "[Service]",
    "Type=oneshot",
    "RemainAfterExit=yes",
    "ExecStart=/bin/sleep 0.01",
    "ExecStop=/bin/sleep 0.01",
  ],
  "forking@.service": ["[Service]", "Type=forking", "ExecStart=/bin/sh -c '/bin/sleep infinity &'"],
};

test("jobs come to their end while unit files are read anew all the time", needsSystemd, async (context) => {
  const manager = await privateManager(context);
  for (const [name, lines] of Object.entries(KINDS)) await manager.writeUnit(name, ...lines);
  await manager.start();
  const systemd = manager.connect();
  const other = manager.connect();
  let isOver = false;
  const lanes = Object.keys(KINDS).map((template, lane) =>
    startAndStop(systemd, template.replace("@", `@${lane}`), () => isOver),
  );
  const rounds = Promise.all(lanes);
  try {
    for (let reload = 0; reload < RELOADS; reload += 1) await Promise.race([other.reload(never), failureOf(rounds)]);
  } finally {
    isOver = true;
  }
  assert.ok(
    (await rounds).every((count) => count >= 10),
    `${await rounds} rounds beside ${RELOADS} reloads`,
  );
});

/** @returns how often it was done before all was over */
async function startAndStop(systemd: UnitControl, unit: string, isOver: () => boolean): Promise<number> {
  for (let round = 0; ; round += 1) {
    if (isOver()) return round;
    for (const verb of ["start", "restart", "stop"] as const)
      await within(`${verb} ${unit} #${round}`, systemd[verb](unit, never));
  }
}

/** Never resolves: only a failure is news. */
function failureOf(work: Promise<unknown>): Promise<never> {
  return work.then(() => new Promise<never>(() => {}));
}

/** Far longer than a job takes here, far shorter than what a caller waits in the end. */
const HANGS_AFTER_MS = 8000;

async function within(what: string, work: Promise<void>): Promise<void> {
  const hung = Promise.withResolvers<never>();
  const timer = setTimeout(() => hung.reject(new Error(`${what} hangs`)), HANGS_AFTER_MS);
  await Promise.race([work, hung.promise]).finally(() => clearTimeout(timer));
}
