import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import { holdFile, keepFile } from "../local/kept-files.ts";
import type { Layout } from "./layout.ts";
import type { ByHandDaemon } from "./restart-daemons.ts";
import type { Snapshot } from "./snapshot.ts";
import { type Target, targetText } from "./target.ts";

/** What is under way on this host, kept on disk so that whoever comes after a kill -9 knows. What moves it on:
 *  `installing`: nothing that is used has changed. `switching`: the link may lead to either version. `verifying`: it leads to the new
 *  one, whose daemons may run or not. `undoing`: it goes back. When all is done the file is gone. */
export interface Intent {
  readonly schema: "mosaic.upgrade.intent/1";
  readonly id: string;
  readonly verb: "upgrade" | "rollback";
  readonly phase: "installing" | "switching" | "verifying" | "undoing";
  readonly mosaic_home: string;
  readonly from: Target;
  /** Null: which one is not known yet. */
  readonly to: Target | null;
  readonly sha256: string;
  /** How it stood before. Null: not looked yet. */
  readonly before: Snapshot | null;
  /** Daemons that are to be started by hand. */
  readonly by_hand: readonly ByHandDaemon[];
  readonly started_at: string;
  readonly pid: number;
  readonly actor: string;
}

/** Reads what is, or was, under way; undefined: nothing. */
export function readIntent({ intentPath }: Layout): Intent | undefined {
  try {
    const intent = JSON.parse(readFileSync(intentPath, "utf8")) as Intent;
    return intent.schema === "mosaic.upgrade.intent/1" ? intent : undefined;
  } catch {
    // It is replaced whole, so that there is no torn one: nothing is under way.
    return undefined;
  }
}

/** Keeps it, on disk when this resolves. @throws MosaicError MACHINE */
export async function keepIntent({ intentPath }: Layout, intent: Intent): Promise<void> {
  await keepFile(intentPath, `${JSON.stringify(intent)}\n`);
}

/** Forgets it: all is done. */
export async function dropIntent({ intentPath }: Layout): Promise<void> {
  await rm(intentPath, { force: true });
}

/** Says whether the used version may have changed already. */
export function isHalfDone(intent: Intent | undefined): intent is Intent {
  return intent !== undefined && intent.phase !== "installing";
}

/** What is under way, in words: `the upgrade from 1.0.0 to 1.1.0 that desk:operator began at …`. */
export function intentText({ verb, from, to, actor, started_at }: Intent): string {
  const way = to === null ? `from ${targetText(from)}` : `from ${targetText(from)} to ${targetText(to)}`;
  return `the ${verb} ${way} that ${actor} began at ${started_at}`;
}

/** Lets one at a time change the versions of this user.
 *  @throws MosaicError ALREADY_RUNNING naming who does */
export async function lockUpgrades(layout: Layout): Promise<Disposable> {
  const lock = await holdFile(layout.lockPath);
  if (lock) return lock;
  const intent = readIntent(layout);
  const what = intent
    ? `${intentText(intent)} (process ${intent.pid}) is under way`
    : "another mosaic upgrade or rollback is under way";
  throw new MosaicError("ALREADY_RUNNING", `cannot change versions: ${what}`, {
    hint: "wait for its end: mosaic upgrade --list",
  });
}
