import { MosaicError, parseHeartbeatFile } from "@mosaic/core";
import { type DoctorCheck, type Finding, fault, faultsOr, warning } from "../check.ts";
import type { DoctorWorld } from "../doctor-world.ts";

/** A beat may be this far ahead, in ms: clocks are read one after the other. */
const AHEAD_MS = 2000;

/** The heartbeat files. */
export const heartbeatsCheck: DoctorCheck = {
  id: "heartbeats",
  what: "the agents' heartbeat files",
  why: "a file that can't be read or understood makes its agent's health unknown",
  runbook: "files of the fleet",
  async look(world) {
    const names = (await world.files.list(world.paths.runDirectory)).filter((name) => name.endsWith(".hb"));
    const findings = await Promise.all(names.map((name) => lookAt(`${world.paths.runDirectory}/${name}`, world)));
    return faultsOr(findings.flat(), names.length === 0 ? "none yet" : `${names.length} can be read`);
  },
};

async function lookAt(path: string, { files, nowUnixMs, user }: DoctorWorld): Promise<readonly Finding[]> {
  const text = await files.read(path).catch((thrown) => MosaicError.from(thrown));
  if (text instanceof MosaicError) return [fault(`it can't be read: ${text.message}`, `sudo chown ${user.name} ${path}`)];
  // It was taken away meanwhile: its agent ended.
  if (text === undefined) return [];
  const beat = parseHeartbeatFile(text);
  if (!beat) return [warning(`${path} is no heartbeat`, `rm ${path}`)];
  if (beat.atUnixMs <= nowUnixMs + AHEAD_MS) return [];
  const seconds = Math.round((beat.atUnixMs - nowUnixMs) / 1000);
  return [warning(`${path} is ${seconds} s ahead of this host's clock`, "timedatectl", { runbook: "CLOCK_SKEW" })];
}
