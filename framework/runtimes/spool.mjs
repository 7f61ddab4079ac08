/** Where an agent's events are left for its host's node. Plain JavaScript, since it runs inside the agents' own processes. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is kept of one event: enough for any prompt, little enough for a folder that nobody may read for a while. */
const MAX_EVENT_BYTES = 512 * 1024;
/** How often the node is told that an agent goes on. */
const PROGRESS_INTERVAL_MS = 1_000;

/** Makes what writes events into `$MOSAIC_HOME/fleet/run/spool/`. Nothing it does ever throws, or says anything: an agent is not
 *  to be disturbed by what watches it.
 *  @param {Readonly<Record<string, string | undefined>>} env the process's variables
 *  @returns {Spool | undefined} undefined outside an agent of Mosaic's */
export function openSpool(env) {
  const { MOSAIC_HOME: home, MOSAIC_AGENT_NAME: agent } = env;
  if (!home || !agent || /[/\0]/.test(agent)) return undefined;
  const folder = join(home, "fleet/run/spool");
  let lastNs = 0n;
  let nextProgressMs = 0;
  return {
    agent,
    answersFolder: join(home, "fleet/run/answers", agent),
    write(event) {
      const nowNs = BigInt(Date.now()) * 1_000_000n;
      // Names give the order, and the clock may stand still between two events, or go back.
      lastNs = nowNs > lastNs ? nowNs : lastNs + 1n;
      put(folder, `${lastNs}-${process.pid}.${agent}.json`, event);
    },
    progress() {
      const nowMs = performance.now();
      if (nowMs < nextProgressMs) return;
      nextProgressMs = nowMs + PROGRESS_INTERVAL_MS;
      put(folder, `progress.${agent}.json`, { event: "progress" });
    },
  };
}

/** @typedef {object} Spool
 *  @property {string} agent
 *  @property {string} answersFolder where answers to what the agent asks appear
 *  @property {(event: { event: string, text?: string }) => void} write leaves one event
 *  @property {() => void} progress says that the agent goes on: one file, and at most one write a second */

function put(folder, name, event) {
  const whole = JSON.stringify(event);
  // A text that was cut could be taken for another one.
  const text = Buffer.byteLength(whole) <= MAX_EVENT_BYTES ? whole : JSON.stringify({ ...event, text: undefined, isCut: true });
  const hidden = join(folder, `.${process.pid}.${name}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(hidden, text, { mode: 0o600 });
    renameSync(hidden, join(folder, name));
  } catch {
    // A full disk, a home that is gone: the node then says that it hears nothing, which is all that can be done.
  }
}
