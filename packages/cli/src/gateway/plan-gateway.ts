import {
  AGENT_TEMPLATE,
  applyFiles,
  assertOwnUnits,
  compareFiles,
  type FileStep,
  type GatewayRole,
  gatewayUnit,
  homeOfUnit,
  listenOfUnit,
  moreFlagsOfUnit,
  originOf,
  planGateway,
} from "@mosaic/lifecycle";
import type { GatewayHost } from "./gateway-host.ts";

/** What is about to change of one daemon's unit. */
export interface GatewayChange {
  readonly role: GatewayRole;
  readonly unit: string;
  readonly step: FileStep;
  /** Why a file is kept that was to go; empty: it is not. */
  readonly why: "" | "changed" | "site-owned" | "other home";
  /** Addresses that it serves besides its socket, before and after. */
  readonly before: readonly string[];
  readonly listen: readonly string[];
  /** Whether it will be enabled that was not, or disabled that was. */
  readonly enablement: "enable" | "disable" | "keep";
  /** Puts it in place. To repeat it changes nothing.
   *  @throws MosaicError NO_SYSTEMD, UNIT_FAILED, MACHINE */
  apply(signal: AbortSignal): Promise<void>;
}

export interface GatewayWish {
  readonly role: GatewayRole;
  readonly listen: readonly string[];
  readonly isForced: boolean;
  /** Where an aggregator lets people in with a line; absent: where it does now. */
  readonly enrol?: string | undefined;
  /** The word for the audit log. Default `gateway.install`. */
  readonly action?: string | undefined;
}

/** Plans the unit of a daemon that serves these addresses. Other flags that an aggregator's unit has stay.
 *  @throws MosaicError WOULD_OVERWRITE for a unit that is not Mosaic's or of another home, unless forced */
export async function planGatewayInstall(
  host: GatewayHost,
  framework: ReadonlyMap<string, string>,
  options: GatewayWish,
  signal: AbortSignal,
): Promise<GatewayChange> {
  const { role, listen, isForced, enrol, action = "gateway.install" } = options;
  const unit = gatewayUnit(role);
  const site = { ...host.site, paths: host.paths, listen };
  const there = (await host.files.read(`${site.unitDirectory}/${unit}`)) ?? "";
  const file = planGateway({ role, roster: host.roster, site, framework, more: moreFlags(there, enrol) });
  if (!isForced) await assertOwnUnits({ files: [file], enabledUnits: [] }, site, host.files);
  const [step = { kind: "keep", path: file.path } as const] = await compareFiles([file], [], host.files);
  const isEnabled = await isUnitEnabled(host, unit, signal);
  const before = listenOfUnit(there);
  return {
    ...{ role, unit, step, why: "", before, listen },
    enablement: isEnabled ? "keep" : "enable",
    async apply(stop) {
      await record(host, action, unit, listen);
      await applyFiles([step], [file], host.files);
      await host.units.reload(stop);
      if (!isEnabled) await host.units.enable([unit], stop);
    },
  };
}

/** Plans that a daemon is no longer kept, or, of a node whose fleet is installed, that it serves no address any more.
 *  @throws MosaicError MACHINE */
export async function planGatewayRemoval(
  host: GatewayHost,
  framework: ReadonlyMap<string, string>,
  { role, isForced }: { readonly role: GatewayRole; readonly isForced: boolean },
  signal: AbortSignal,
): Promise<GatewayChange> {
  const unit = gatewayUnit(role);
  const path = `${host.site.unitDirectory}/${unit}`;
  const text = await host.files.read(path);
  const before = listenOfUnit(text ?? "");
  const none = { role, unit, before, why: "" as const, enablement: "keep" as const };
  if (text === undefined) return { ...none, step: { kind: "keep", path }, listen: [], apply: async () => {} };
  const why = keptBecause(text, host, isForced);
  if (why !== "") return { ...none, step: { kind: "keep", path }, why, listen: before, apply: async () => {} };
  const isOfFleet = role === "node" && (await host.files.read(`${host.site.unitDirectory}/${AGENT_TEMPLATE}`)) !== undefined;
  // The node itself is the fleet's: fleet uninstall-systemd takes it away.
  if (isOfFleet)
    return await planGatewayInstall(host, framework, { role, listen: [], isForced: true, action: "gateway.uninstall" }, signal);
  const isEnabled = await isUnitEnabled(host, unit, signal);
  return {
    ...none,
    ...{ step: { kind: "remove", path }, listen: [], enablement: isEnabled ? "disable" : "keep" },
    async apply(stop) {
      await record(host, "gateway.uninstall", unit, []);
      // Disabled first: for that systemd still has to find the unit.
      if (isEnabled) await host.units.disable([unit], stop);
      await host.files.remove(path);
      await host.units.reload(stop);
    },
  };
}

function moreFlags(unit: string, enrol: string | undefined): readonly string[] {
  const kept = moreFlagsOfUnit(unit);
  if (enrol === undefined) return kept;
  const at = kept.indexOf("--enrol");
  return [...(at < 0 ? kept : kept.toSpliced(at, 2)), "--enrol", enrol];
}

function keptBecause(text: string, { paths }: GatewayHost, isForced: boolean): GatewayChange["why"] {
  const origin = originOf(text);
  if (origin === "foreign") return "site-owned";
  if (homeOfUnit(text) !== paths.mosaicHome) return "other home";
  return origin === "changed" && !isForced ? "changed" : "";
}

async function isUnitEnabled({ units }: GatewayHost, unit: string, signal: AbortSignal): Promise<boolean> {
  const reading = await units.read([unit], signal);
  return reading.kind === "units" && reading.units.some((each) => each.unit === unit && each.enabled.startsWith("enabled"));
}

// Before it is done: what can't be put on record is not done.
async function record(host: GatewayHost, action: string, unit: string, listen: readonly string[]): Promise<void> {
  const { actor, tenantId } = host;
  await host.audit.record({ action, actor, tenantId, host: host.host, facts: { unit, listen: listen.join(" ") } });
}
