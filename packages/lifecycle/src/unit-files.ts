import type { Hardening, Roster } from "@mosaic/core";
import { atHome, type LaunchSite } from "./launch-site.ts";
import type { PlannedFile } from "./planned-file.ts";
import { unitPath, unitWord } from "./quoting.ts";
import { stamped } from "./stamp.ts";

export const HOLDER_UNIT = "mosaic-tmux-holder.service";
export const NODE_UNIT = "mosaic-node.service";
export const AGENT_TEMPLATE = "mosaic-agent@.service";

/** What the units of one host depend on besides the roster. */
export interface UnitSite extends LaunchSite {
  /** Where the user's units are, for example `~/.config/systemd/user`. */
  readonly unitDirectory: string;
  /** Absolute path of tmux. */
  readonly tmuxProgram: string;
  /** Where tmux keeps its sockets, when not below /tmp. */
  readonly tmuxDirectory?: string | undefined;
  /** Command line of mosaic-node without flags. */
  readonly nodeDaemon: readonly [string, ...string[]];
  /** Addresses the node serves besides its socket, as its `--listen` takes them. */
  readonly listen: readonly string[];
}

/** Makes the fleet's three units from their templates.
 *  @param templates text by unit name, as shipped in `framework/systemd/<unit>.in` */
export function unitFiles(templates: ReadonlyMap<string, string>, roster: Roster, site: UnitSite): PlannedFile[] {
  const values = unitValues(roster, site);
  return [HOLDER_UNIT, AGENT_TEMPLATE, NODE_UNIT].map((unit) => ({
    path: `${site.unitDirectory}/${unit}`,
    mode: 0o644,
    text: stamped(filled(templates.get(unit) ?? "", values)),
  }));
}

/** The `MOSAIC_HOME` whose fleet a unit runs; undefined when it says none. */
export function homeOfUnit(text: string): string | undefined {
  return variableOfUnit(text, "MOSAIC_HOME");
}

/** The tmux socket that the holder's unit serves; undefined when it says none. */
export function socketOfUnit(text: string): string | undefined {
  return variableOfUnit(text, "MOSAIC_TMUX_SOCKET");
}

function variableOfUnit(text: string, name: string): string | undefined {
  const word = new RegExp(`^Environment="${name}=(.*)"$`, "m").exec(text)?.[1];
  return word?.replaceAll(/\\(.)/g, "$1").replaceAll("%%", "%");
}

function unitValues(roster: Roster, site: UnitSite): Readonly<Record<string, string>> {
  const { paths } = site;
  const scripts = `${paths.frameworkDirectory}/systemd`;
  const variables = {
    MOSAIC_HOME: paths.mosaicHome,
    MOSAIC_SCRIPTS: scripts,
    MOSAIC_TMUX: site.tmuxProgram,
    MOSAIC_TMUX_SOCKET: roster.socketName,
    MOSAIC_HOLDER: roster.holderSession,
    ...(site.tmuxDirectory === undefined ? {} : { TMUX_TMPDIR: site.tmuxDirectory }),
  };
  const nodeFlags = ["--mosaic-home", paths.mosaicHome, "--roster", paths.rosterPath];
  const listen = site.listen.flatMap((address) => ["--listen", address]);
  return {
    tenant: unitPath(roster.tenantId),
    host: unitPath(roster.host),
    fleet: unitPath(`${paths.mosaicHome}/fleet`),
    agents: unitPath(paths.agentsDirectory),
    environment: Object.entries(variables)
      .map(([name, value]) => `Environment=${unitVariable(name, value)}`)
      .join("\n"),
    hardening: hardeningLines(roster.hardening, site).join("\n"),
    node: [...site.nodeDaemon, ...nodeFlags, ...listen].map(unitWord).join(" "),
  };
}

// Unlike in a command line, `$` means nothing here.
function unitVariable(name: string, value: string): string {
  return unitWord(`${name}=${value}`).replaceAll("$$", "$");
}

/** Fills the placeholders of a template; those that nobody has a value for stay. */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  const text = template.replaceAll(/@(\w+)@/g, (whole, name: string) => values[name] ?? whole);
  // A placeholder with nothing to say leaves no hole.
  return text.replaceAll(/(=\S*)\n\n(?=\w)/g, "$1\n").replaceAll(/\n{3,}/g, "\n\n");
}

function hardeningLines(hardening: Hardening, site: UnitSite): string[] {
  const { noNewPrivileges, protectSystem, readOnlyPaths, readWritePaths, inaccessiblePaths, umask } = hardening;
  const list = (key: string, paths: readonly string[] | undefined) =>
    (paths ?? []).map((path) => `${key}=${unitWord(atHome(path, site.homeDirectory)).replaceAll("$$", "$")}`);
  const changesMounts = protectSystem !== undefined || readOnlyPaths !== undefined || inaccessiblePaths !== undefined;
  return [
    ...(noNewPrivileges === undefined ? [] : [`NoNewPrivileges=${noNewPrivileges ? "yes" : "no"}`]),
    ...(umask === undefined ? [] : [`UMask=${umask}`]),
    // Without a user namespace the manager of an ordinary user may not change what a process sees of the disk.
    ...(changesMounts ? ["PrivateUsers=yes"] : []),
    ...(protectSystem === undefined ? [] : [`ProtectSystem=${protectSystem}`]),
    ...list("ReadOnlyPaths", readOnlyPaths),
    ...list("InaccessiblePaths", inaccessiblePaths),
    ...(changesMounts ? ["ReadWritePaths=%t"] : []),
    ...list("ReadWritePaths", [...(changesMounts ? ownPaths(site) : []), ...(readWritePaths ?? [])]),
  ];
}

// What the fleet itself writes, whatever else is read-only.
function ownPaths({ paths, tmuxDirectory }: UnitSite): string[] {
  return [paths.mosaicHome, tmuxDirectory ?? "/tmp"];
}
