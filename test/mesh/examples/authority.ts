import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { type DaemonHome, daemonHome, quietRoster } from "../daemon-home.ts";
import { MOSAIC } from "../demo-fleet.ts";
import { startProgram } from "../run-program.ts";
import type { Place } from "./place.ts";

/** The aggregator of a fleet with an authority, and who wants to come in. */
export interface Authority {
  readonly place: Place;
  /** A line as `host invite` or `user add` prints it. */
  line(...args: string[]): Promise<string>;
  /** A home in which nobody was yet. */
  newcomer(host: string): Promise<Place>;
  /** Waits at the door with a line that has to be approved, and answers with the six words. */
  words(): Promise<string>;
}

/** Makes one, with an aggregator that lets hosts in. */
export async function openAuthority(stack: AsyncDisposableStack): Promise<Authority> {
  // Of its own, as it goes on to be filled after the world was made.
  const own = stack.use(new AsyncDisposableStack());
  const top = own.use(await daemonHome({ name: "top" }));
  await chmod(join(top.mosaicHome, "fleet"), 0o700);
  const init = await top.mosaic("fleet", "ca", "init", "--fleet", "acme", "--tenant", "team-a");
  assert.equal(init.exitCode, 0, init.stderr);
  await top.serves("aggregator", "--enrol", "127.0.0.1:0");
  const placeOf = (home: DaemonHome): Place => ({ env: home.env, cwd: home.folder });
  const line = async (...args: string[]) => {
    const end = await top.mosaic(...args);
    const found = /mosaic-join-1\.\S+/.exec(end.stdout)?.[0];
    assert.ok(found, end.stderr);
    return found;
  };
  const newcomer = async (host: string) => {
    const home = own.use(await daemonHome({ name: host }));
    await home.write("fleet/roster.yaml", quietRoster(host, ["lead"]));
    return placeOf(home);
  };
  return { place: placeOf(top), line, newcomer, words: () => words(own, line, newcomer) };
}

let knocks = 0;

async function words(stack: AsyncDisposableStack, line: Authority["line"], newcomer: Authority["newcomer"]): Promise<string> {
  knocks += 1;
  const place = await newcomer(`knocker${knocks}`);
  const invitation = await line("host", "invite", "--tenant", "team-a", "--approve");
  const joining = stack.use(startProgram([...MOSAIC, "host", "join", invitation, "--no-start"], place));
  return await eventually("it reads its six words out", () => /\b([a-z]{5}(?:-[a-z]{5}){5})\b/.exec(joining.stderr())?.[1]);
}
