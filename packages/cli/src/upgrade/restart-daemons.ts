import { existsSync } from "node:fs";
import { MosaicError } from "@mosaic/core/light";
import { type GatewayRole, gatewayUnit, homeOfUnit } from "@mosaic/lifecycle";
import type { CommandDeps } from "../command.ts";
import { actOnGateway } from "../gateway/act-on-gateway.ts";
import type { GatewayHost } from "../gateway/gateway-host.ts";
import type { Io } from "../io/io.ts";
import { endInBackground, startInBackground } from "../local/background-daemon.ts";
import { definedOnly } from "../local/run-tool.ts";
import { findDaemons, readDaemonProcess } from "./daemon-process.ts";
import type { Snapshot } from "./snapshot.ts";

/** What became of one daemon. */
export interface RestartOutcome {
  readonly role: GatewayRole;
  readonly outcome: "restarted" | "silent" | "failed" | "left alone";
  /** Why it is not as it should be; empty: it is. */
  readonly detail: string;
}

export interface RestartWorld {
  readonly host: GatewayHost;
  readonly io: Io;
  readonly deps: CommandDeps;
  /** How long a daemon may take until it answers. */
  readonly timeoutMs: number;
  /** Command line of a daemon without flags, of the version that is to run. */
  readonly programOf: (role: GatewayRole) => readonly [string, string];
  /** Of daemons that were ended, to be started again with. Never written down: secrets may be in them. */
  readonly environments: Map<GatewayRole, Readonly<Record<string, string>>>;
}

/** A daemon that runs in the background and that systemd does not keep: what is needed to start it anew. */
export interface ByHandDaemon {
  readonly role: GatewayRole;
  readonly flags: readonly string[];
  readonly cwd: string;
  readonly log_path: string;
  /** Why it is left alone; empty: it is not. */
  readonly kept_by: string;
}

/** Finds the daemons that answer and are not kept by systemd. Their environments are not among what is told, as that is kept in a file. */
export async function daemonsByHand(host: GatewayHost, before: Snapshot): Promise<readonly ByHandDaemon[]> {
  const found: ByHandDaemon[] = [];
  for (const { role, pid } of before.daemons) {
    if (pid === null || (await isKeptBySystemd(host, role))) continue;
    const running = readDaemonProcess(pid, role);
    const log_path = running?.logPath ?? `${host.paths.mosaicHome}/${role}.log`;
    const { flags = [], cwd = host.paths.mosaicHome, keptBy: kept_by = "it can't be looked at" } = running ?? {};
    found.push({ role, flags, cwd, log_path, kept_by });
  }
  return found;
}

/** Starts this home's daemons anew, those that ran before the switch or that systemd is to keep. Agents are tmux sessions of their own
 *  and are not touched. What one daemon comes to does not keep the other from being tried.
 *  @param byHand as found before the switch
 *  @throws MosaicError CANCELLED */
export async function restartDaemons(
  world: RestartWorld,
  before: Snapshot,
  byHand: readonly ByHandDaemon[],
): Promise<readonly RestartOutcome[]> {
  const outcomes: RestartOutcome[] = [];
  for (const role of ["node", "aggregator"] as const) {
    const hand = byHand.find((each) => each.role === role);
    const didAnswer = before.daemons.some((daemon) => daemon.role === role && daemon.answers);
    const work = hand ? restartByHand(world, hand) : restartUnit(world, role, didAnswer);
    const outcome = await work.catch((thrown: unknown) => failed(role, thrown));
    if (outcome) outcomes.push(outcome);
  }
  return outcomes;
}

async function restartUnit(world: RestartWorld, role: GatewayRole, didAnswer: boolean): Promise<RestartOutcome | undefined> {
  const { host, io, deps, timeoutMs } = world;
  if (!(await isKeptBySystemd(host, role))) return undefined;
  if (!didAnswer && !(await isToRun(host, role, io.signal))) return undefined;
  const { outcome } = await actOnGateway("restart", role, { host, io, deps, timeoutMs });
  if (outcome !== "silent") return { role, outcome: "restarted", detail: "" };
  return {
    role,
    outcome: "silent",
    detail: `it was started, and does not answer: journalctl --user -u ${gatewayUnit(role)} -n 50`,
  };
}

/** Whether the user's systemd keeps this home's daemon. */
async function isKeptBySystemd({ systemd, files, site, paths }: GatewayHost, role: GatewayRole): Promise<boolean> {
  if (systemd.kind !== "there") return false;
  const text = await files.read(`${site.unitDirectory}/${gatewayUnit(role)}`);
  return text !== undefined && homeOfUnit(text) === paths.mosaicHome;
}

// One that systemd tries to start over and over does not answer either, and the switch may mend it.
async function isToRun({ units }: GatewayHost, role: GatewayRole, signal: AbortSignal): Promise<boolean> {
  const reading = await units.read([gatewayUnit(role)], signal);
  return reading.kind === "units" && reading.units.some(({ active }) => active === "active" || active === "activating");
}

async function restartByHand(world: RestartWorld, daemon: ByHandDaemon): Promise<RestartOutcome> {
  const { role, kept_by, flags, cwd, log_path } = daemon;
  if (kept_by !== "") return { role, outcome: "left alone", detail: kept_by };
  const { host, io, deps, timeoutMs, programOf } = world;
  // Whichever runs now: of an earlier try that was killed it may be either version, and one that does not answer.
  const running = findDaemons(role, host.paths.mosaicHome);
  const kept = running.find(({ keptBy }) => keptBy !== "");
  if (kept) return { role, outcome: "left alone", detail: kept.keptBy };
  for (const { pid, env } of running) {
    world.environments.set(role, env);
    await endInBackground(pid);
  }
  await startInBackground({
    argv: [...programOf(role), ...flags],
    // After a kill -9 nobody knows it any more: then it is that of whoever settles it.
    env: world.environments.get(role) ?? definedOnly(io.env),
    cwd: existsSync(cwd) ? cwd : host.paths.mosaicHome,
    logPath: log_path,
    readyWhen: () => answers(role, host, deps),
    deadlineMs: timeoutMs,
  });
  return { role, outcome: "restarted", detail: "" };
}

async function answers(role: GatewayRole, { paths }: GatewayHost, { remote }: CommandDeps): Promise<boolean> {
  try {
    await remote.unary({ kind: "unix", path: `${paths.runDirectory}/${role}.sock` }, "Info", {}, ANSWER_MS);
    return true;
  } catch {
    // Not yet; whether it ever does is what the deadline is for.
    return false;
  }
}

const ANSWER_MS = 1000;

function failed(role: GatewayRole, thrown: unknown): RestartOutcome {
  const error = MosaicError.from(thrown);
  if (error.code === "CANCELLED") throw error;
  // The end of a log has several lines.
  return { role, outcome: "failed", detail: error.message.replaceAll(/\s*\n\s*/g, " | ") };
}
