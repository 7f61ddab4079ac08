import { MosaicError } from "@mosaic/core/light";
import { AGENT_TEMPLATE, type GatewayRole, gatewayUnit, homeOfUnit, listenOfUnit } from "@mosaic/lifecycle";
import type { GatewayHost } from "../gateway/gateway-host.ts";
import { type RunTool, toolFailure } from "../local/run-tool.ts";
import type { GlobalOptions } from "../parse/global-options.ts";

export interface RefreshWorld {
  readonly host: GatewayHost;
  readonly globals: GlobalOptions;
  readonly runTool: RunTool;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Command line of `mosaic` of the version whose units they are to be. */
  readonly mosaic: readonly [string, string];
}

/** What a refresh of the units came to. */
export interface RefreshReport {
  /** Files that were, or would be, written anew or removed. */
  readonly changed: readonly string[];
  /** What could not be done, and what to type; empty: everything was. */
  readonly problems: readonly string[];
}

const INSTALL_MS = 60_000;

/** Has a version write its own units, scripts and agents' files where they are installed for this home: each version knows its own
 *  best. Nothing is started, no agent is touched.
 *  @throws MosaicError CANCELLED; what else goes wrong is told */
export async function refreshUnits(world: RefreshWorld, isDryRun: boolean): Promise<RefreshReport> {
  const { host } = world;
  if (host.systemd.kind !== "there") return { changed: [], problems: [] };
  const changed: string[] = [];
  const problems: string[] = [];
  for (const args of await installCommands(host)) {
    try {
      changed.push(...(await runInstall(world, [...args, ...(isDryRun ? ["--dry-run"] : [])])));
    } catch (thrown) {
      const error = MosaicError.from(thrown);
      if (error.code === "CANCELLED") throw error;
      problems.push(`${error.message}; then: mosaic ${args.join(" ")}`);
    }
  }
  return { changed, problems };
}

/** What has to be typed to write each unit anew that is installed for this home, with the address it has. */
async function installCommands({ files, site, paths }: GatewayHost): Promise<readonly (readonly string[])[]> {
  const textOf = async (unit: string) => {
    const text = await files.read(`${site.unitDirectory}/${unit}`);
    return text !== undefined && homeOfUnit(text) === paths.mosaicHome ? text : undefined;
  };
  const isFleet = (await textOf(AGENT_TEMPLATE)) !== undefined;
  const commands: (readonly string[])[] = isFleet ? [["fleet", "install-systemd"]] : [];
  for (const role of ["node", "aggregator"] as const) {
    const text = isFleet && role === "node" ? undefined : await textOf(gatewayUnit(role));
    const command = text === undefined ? undefined : gatewayInstall(role, listenOfUnit(text));
    if (command) commands.push(command);
  }
  return commands;
}

// Of one that serves more than one address, or none, another way was chosen by hand: it stays as it is.
function gatewayInstall(role: GatewayRole, listen: readonly string[]): readonly string[] | undefined {
  const [address, ...more] = listen;
  if (address === undefined || more.length > 0) return undefined;
  const { hostname, port } = new URL(address);
  if (port === "") return undefined;
  return ["gateway", "install", "--role", role, "--host", hostname.replace(/^\[|\]$/g, ""), "--port", port];
}

async function runInstall({ runTool, env, signal, mosaic, globals }: RefreshWorld, args: readonly string[]): Promise<string[]> {
  const roster = globals.isRosterFlagged ? ["--roster", globals.rosterPath] : [];
  const argv = [...mosaic, ...args, "--json", "--mosaic-home", globals.mosaicHome, ...roster] as const;
  const end = await runTool({ argv: [argv[0], ...argv.slice(1)], env, signal, timeoutMs: INSTALL_MS });
  if (end.exitCode !== 0) {
    const stderr = end.stderr.replace(/^mosaic: /gm, "");
    throw toolFailure(`mosaic ${args.slice(0, 2).join(" ")} failed`, { ...end, stderr }, undefined);
  }
  return changedFiles(end.stdout);
}

function changedFiles(text: string): string[] {
  try {
    const answer = JSON.parse(text) as {
      files?: { change?: string; kind?: string; path: string }[];
      change?: string;
      path?: string;
    };
    const files = answer.files ?? (answer.path === undefined ? [] : [{ change: answer.change ?? "", path: answer.path }]);
    return files.filter(({ change, kind }) => (change ?? kind) !== "keep").map(({ path }) => path);
  } catch {
    // Another version may say it in other words: that it was done is all that counts.
    return [];
  }
}
