import { agentNameOf, agentOfUnit, agentUnit, type UnitFacts } from "@mosaic/core";
import { AGENT_TEMPLATE, findOwnUnits, HOLDER_UNIT, NODE_UNIT, planUninstallation, type UninstallStep } from "@mosaic/lifecycle";
import type { InstalledFleet } from "./installed-fleet.ts";
import { stopUnits } from "./stop-units.ts";

/** What taking an installation away is about to change on this host. */
export interface Removal {
  readonly steps: readonly UninstallStep[];
  /** Units that come up by themselves and won't any more. */
  readonly toDisable: readonly string[];
  /** Units that are ended first: agents, then the node, then the tmux server. */
  readonly toStop: readonly string[];
  /** Units that run on, and that nothing starts again. */
  readonly running: readonly string[];
  /** Sessions on the fleet's tmux server that are nobody's unit, for whose sake it is left running. */
  readonly strangers: readonly string[];
  /** Does it. Repeating it after an end in the middle completes it. */
  apply(signal: AbortSignal): Promise<void>;
}

/** Looks at what is installed and what of it can go.
 *  @param options `isStop`: end what runs of it; without it nothing is ended
 *  @throws MosaicError MACHINE */
export async function planRemoval(
  fleet: InstalledFleet,
  options: { readonly isForced: boolean; readonly isStop: boolean },
  signal: AbortSignal,
): Promise<Removal> {
  const units = await readOwnUnits(fleet, signal);
  const live = units.filter(({ active }) => !["inactive", "failed"].includes(active)).map(({ unit }) => unit);
  const strangers = options.isStop && live.includes(HOLDER_UNIT) ? await findStrangers(fleet, units, signal) : [];
  const isToStop = (unit: string) => options.isStop && !(unit === HOLDER_UNIT && strangers.length > 0);
  const running = live.filter((unit) => !isToStop(unit));
  const isInUse = running.some((unit) => unit !== NODE_UNIT);
  const steps = await planUninstallation({ ...fleet, ...options, isInUse }, fleet.files);
  const removal = {
    steps,
    toDisable: units.filter(({ enabled }) => enabled.startsWith("enabled")).map(({ unit }) => unit),
    toStop: live.filter(isToStop).sort((a, b) => rankOf(a) - rankOf(b)),
    running,
    strangers,
  };
  return { ...removal, apply: (applySignal) => apply(fleet, removal, units, applySignal) };
}

async function apply(
  fleet: InstalledFleet,
  { steps, toDisable, toStop }: Omit<Removal, "apply">,
  units: readonly UnitFacts[],
  signal: AbortSignal,
): Promise<void> {
  const removed = steps.filter(({ kind }) => kind === "remove").map(({ path }) => path);
  if (removed.length + toDisable.length + toStop.length === 0) return;
  const { audit, actor, tenantId, host } = fleet;
  const facts = { files: removed.length, disabled: toDisable.length, stopped: toStop.length };
  // Before it is done: what can't be put on record is not done.
  await audit.record({ action: "fleet.uninstall", actor, tenantId, host, facts });
  // While systemd still knows how each is ended.
  await stopUnits(fleet, toStop, signal);
  if (toDisable.length > 0) await fleet.units.disable(toDisable, signal);
  for (const path of removed) await fleet.files.remove(path);
  await fleet.removeEmptyFolders(removed);
  await fleet.units.reload(signal);
  // A failure that is remembered would keep the unit on systemd's list for ever.
  for (const { unit, active } of units) if (active === "failed") await fleet.units.resetFailed(unit, signal);
}

async function readOwnUnits(fleet: InstalledFleet, signal: AbortSignal): Promise<readonly UnitFacts[]> {
  const own = await findOwnUnits(fleet, fleet.files);
  const patterns = [...own].map((unit) => (unit === AGENT_TEMPLATE ? "mosaic-agent@*.service" : unit));
  if (patterns.length === 0) return [];
  const reading = await fleet.units.read(patterns, signal);
  // The template itself is listed where a pattern fits it, and is no unit that could run.
  return reading.kind === "absent" ? [] : reading.units.filter(({ unit }) => unit !== AGENT_TEMPLATE);
}

async function findStrangers(
  fleet: InstalledFleet,
  units: readonly UnitFacts[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const panes = (await fleet.terminal?.listPanes(signal)) ?? [];
  const known = new Set(units.map(({ unit }) => unit));
  const sessions = new Set(panes.filter(({ isDead }) => !isDead).map(({ session }) => session));
  return [...sessions].filter((session) => session !== fleet.holderSession && !known.has(agentUnit(agentNameOf(session))));
}

// The node sees the agents end, and the server goes when nothing is on it.
function rankOf(unit: string): number {
  return agentOfUnit(unit) !== undefined ? 0 : unit === NODE_UNIT ? 1 : 2;
}
