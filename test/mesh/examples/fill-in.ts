import assert from "node:assert/strict";
import { eventually } from "@mosaic/testkit";
import type { ExampleWorld } from "./example-world.ts";
import { type Place, placeOf } from "./place.ts";
import { MESSAGE_ID } from "./said-first.ts";

/** A line that can be run here, and where. */
export interface FilledLine {
  readonly line: string;
  readonly place: Place;
}

/** Puts into an example what is another in every fleet: tenants and hosts, messages, lines that let somebody in, folders. */
export async function fillIn(example: string, world: ExampleWorld): Promise<FilledLine> {
  const name = placeOf(example);
  const place = world.places[name];
  const line = withValues(example, world);
  const mosaicHere = (...args: string[]) => world.mosaic(place, ...args);
  if (name === "authority") return await fillInPeople(line, world);
  if (line.includes("verify alpha.jsonl")) await mosaicHere("audit", "export", "--file", "alpha.jsonl", "--force");
  if (line.startsWith("mosaic fleet init --profile"))
    return { line, place: withHome(place, `${world.folder}/new${nextNumber()}`) };
  const [verb] = /(?<=^mosaic message )(cancel|retry)/.exec(line) ?? [];
  if (verb !== undefined) return { line: line.replace(MESSAGE_ID, await openMessage(world, verb === "retry")), place };
  // The demo calls its tenant so, and has two agents on each of its hosts.
  return { line: name === "spare" ? line : line.replaceAll("team-a", "demo").replaceAll("reviewer0", "coder0"), place };
}

function withValues(example: string, world: ExampleWorld): string {
  return (
    example
      .replaceAll("/media/stick", `${world.folder}/stick`)
      .replace("http://127.0.0.1:8787", world.endpoint("alpha"))
      // Nothing that is there is replaced, and the same line is run with --json too.
      .replace(/(?<=--file |--output )(alpha|lead)(?=\.)/, (name) => `${name}-${nextNumber()}`)
      // Whoever asks the neighbours waits as long as it is told, and nobody is there to be waited for.
      .replace("discover --timeout 10s", "discover --timeout 1s")
      // Here is nothing to warn of.
      .replace("--level warn --follow", "--level info --follow")
      // At a terminal it prints line by line by itself.
      .replace("| jq -r .receipt", "| jq --unbuffered -r .receipt")
  );
}

async function fillInPeople(line: string, { authority, mosaic }: ExampleWorld): Promise<FilledLine> {
  const { place } = authority;
  if (line.startsWith("mosaic fleet ca init")) return { line, place: await authority.newcomer("another") };
  if (line.startsWith("mosaic host approve")) return { line: line.replace(/(?<=approve )\S+/, await authority.words()), place };
  if (line.startsWith("mosaic login")) {
    const invitation = await authority.line("user", "add", `user${nextNumber()}`, "--tenant", "team-a");
    const newcomer = await authority.newcomer("desk");
    if (line === "mosaic login") await mosaic(newcomer, "login", invitation);
    return { line: withInvitation(line, invitation), place: newcomer };
  }
  if (line.startsWith("mosaic host join")) {
    const invitation = await authority.line("host", "invite", "--tenant", "team-a");
    return { line: withInvitation(line, invitation), place: await authority.newcomer(`host${nextNumber()}`) };
  }
  if (!line.includes("team-a/beta")) return { line, place };
  const host = `beta${nextNumber()}`;
  const invitation = await authority.line("host", "invite", "--tenant", "team-a");
  const joined = await mosaic(await authority.newcomer(host), "host", "join", invitation, "--no-start");
  assert.equal(joined.exitCode, 0, joined.stderr);
  return { line: line.replace("team-a/beta", `team-a/${host}`), place };
}

function withInvitation(line: string, invitation: string): string {
  return line.replace(/mosaic-join-1\.\S+/, invitation);
}

/** A message for an agent whose composer holds a draft: it waits, or its time is over. */
async function openMessage({ places, mosaic }: ExampleWorld, isOver: boolean): Promise<string> {
  const id = `example-${nextNumber()}`;
  const held = ["--wait", "queued", "--expires", isOver ? "1s" : "1h", "--id", id];
  const end = await mosaic(places.fleet, "agent", "send", "gamma/lead", "-m", "later", ...held);
  assert.equal(end.exitCode, 0, end.stderr);
  if (isOver)
    await eventually("it expires", async () => /EXPIRED/.test((await mosaic(places.fleet, "message", "show", id)).stdout));
  return id;
}

function withHome(place: Place, mosaicHome: string): Place {
  return { ...place, env: { ...place.env, MOSAIC_HOME: mosaicHome } };
}

let count = 0;

function nextNumber(): number {
  count += 1;
  return count;
}
