import type { Roster } from "@mosaic/core";
import type { FleetPaths } from "./fleet-paths.ts";
import type { PlannedFile } from "./planned-file.ts";
import { unitPath, unitWord } from "./quoting.ts";
import { stamped } from "./stamp.ts";
import { filled, NODE_UNIT, type UnitSite, unitFiles } from "./unit-files.ts";

/** Which of the two daemons serves this host's endpoint. */
export type GatewayRole = "node" | "aggregator";

export const AGGREGATOR_UNIT = "mosaic-aggregator.service";

/** The units of daemons that serve the fleet. */
export const SERVED_UNITS: readonly string[] = [NODE_UNIT, AGGREGATOR_UNIT];

/** The unit that runs a daemon. */
export function gatewayUnit(role: GatewayRole): string {
  return role === "node" ? NODE_UNIT : AGGREGATOR_UNIT;
}

export interface PlanGatewayOptions {
  readonly role: GatewayRole;
  /** Needed for a node, which serves nothing without one. */
  readonly roster: Roster | undefined;
  /** Whose `nodeDaemon` is the command line of that daemon, and whose `listen` are its addresses. */
  readonly site: UnitSite;
  /** Text by path below `framework/`, as shipped. */
  readonly framework: ReadonlyMap<string, string>;
  /** Flags of an aggregator besides its home and its addresses. Default: none. */
  readonly more?: readonly string[] | undefined;
}

/** Plans the unit of one daemon, without anything else of an installation: the node's is that of `fleet install-systemd`. */
export function planGateway({ role, roster, site, framework, more = [] }: PlanGatewayOptions): PlannedFile {
  const unit = gatewayUnit(role);
  const template = framework.get(`systemd/${unit}.in`) ?? "";
  const path = `${site.unitDirectory}/${unit}`;
  if (role === "node" && roster) {
    const made = unitFiles(new Map([[unit, template]]), roster, site).find((file) => file.path === path);
    if (made) return made;
  }
  return { path, mode: 0o644, text: stamped(filled(template, aggregatorValues(site, more))) };
}

/** The addresses a daemon's unit serves besides its socket, as its `--listen` takes them. */
export function listenOfUnit(text: string): readonly string[] {
  const words = commandOfUnit(text);
  return words.flatMap((word, index) => (words[index - 1] === "--listen" ? [word] : []));
}

/** The flags of a daemon's unit besides its home, roster and addresses, for example `--enrol 0.0.0.0:8444`. */
export function moreFlagsOfUnit(text: string): readonly string[] {
  const words = commandOfUnit(text);
  const own = new Set(["--mosaic-home", "--roster", "--listen"]);
  const first = words.findIndex((word) => word.startsWith("--"));
  return words.filter((word, index) => first >= 0 && index >= first && !own.has(word) && !own.has(words[index - 1] ?? ""));
}

/** The command line that a unit which Mosaic made executes; empty when it says none. */
export function commandOfUnit(text: string): readonly string[] {
  const line = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? "";
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain = ""]) =>
    (quoted ?? plain).replaceAll(/\\(.)/g, "$1").replaceAll("$$", "$").replaceAll("%%", "%"),
  );
}

function aggregatorValues(
  { paths, host, nodeDaemon, listen }: UnitSite,
  more: readonly string[],
): Readonly<Record<string, string>> {
  const flags = ["--mosaic-home", paths.mosaicHome, ...listen.flatMap((address) => ["--listen", address]), ...more];
  return {
    host: unitPath(host),
    fleet: unitPath(fleetFolder(paths)),
    environment: `Environment=${unitWord(`MOSAIC_HOME=${paths.mosaicHome}`).replaceAll("$$", "$")}`,
    aggregator: [...nodeDaemon, ...flags].map(unitWord).join(" "),
  };
}

function fleetFolder({ mosaicHome }: FleetPaths): string {
  return `${mosaicHome}/fleet`;
}
