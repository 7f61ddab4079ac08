import type { FileStore } from "@mosaic/core";
import { DROP_IN } from "./agent-files.ts";
import type { FleetPaths } from "./fleet-paths.ts";
import { originOf } from "./stamp.ts";
import { AGENT_TEMPLATE, HOLDER_UNIT, homeOfUnit, NODE_UNIT } from "./unit-files.ts";

/** What is to be done with one file that an installation may have made. */
export interface UninstallStep {
  readonly kind: "remove" | "keep";
  readonly path: string;
  /** Why it is kept; empty when it is not. */
  readonly why: "" | KeptBecause;
}

/** `in use`: it is Mosaic's, and what runs still needs it. `site-owned`: it was never Mosaic's. */
export type KeptBecause = "changed" | "site-owned" | "other home" | "in use";

/** Where an installation is. */
export interface InstallationPlace {
  readonly paths: FleetPaths;
  /** Where the user's units are. */
  readonly unitDirectory: string;
}

export interface PlanUninstallationOptions extends InstallationPlace {
  /** What this version ships and copies to the host: text by path below `framework/`. */
  readonly framework: ReadonlyMap<string, string>;
  /** Take away what was changed too; never what is site-owned or another home's. */
  readonly isForced: boolean;
  /** Whether something runs that still executes the host's copy of `framework/`. */
  readonly isInUse: boolean;
}

/** Plans what goes when the fleet is no longer kept by systemd: what `planInstallation` made and nobody changed. It goes by the
 *  files alone and needs no roster.
 *  @throws MosaicError MACHINE when a file can't be read */
export async function planUninstallation(
  options: PlanUninstallationOptions,
  files: FileStore,
): Promise<readonly UninstallStep[]> {
  const units = await unitSteps(options, files);
  // Where the template is another home's, so are the agents' drop-ins.
  const isTemplateOurs = !units.some(({ path, why }) => path.endsWith(`/${AGENT_TEMPLATE}`) && why === "other home");
  const dropIns = isTemplateOurs ? await dropInSteps(options, files) : [];
  return [...units, ...dropIns, ...(await agentSteps(options, files)), ...(await frameworkSteps(options, files))];
}

/** Says which of the fleet's three unit files Mosaic made for this home, changed or not. */
export async function findOwnUnits({ paths, unitDirectory }: InstallationPlace, files: FileStore): Promise<ReadonlySet<string>> {
  const own = new Set<string>();
  for (const unit of UNITS) {
    const text = await files.read(`${unitDirectory}/${unit}`);
    if (text !== undefined && originOf(text) !== "foreign" && homeOfUnit(text) === paths.mosaicHome) own.add(unit);
  }
  return own;
}

const UNITS = [HOLDER_UNIT, AGENT_TEMPLATE, NODE_UNIT];

async function unitSteps(options: PlanUninstallationOptions, files: FileStore): Promise<UninstallStep[]> {
  const steps: UninstallStep[] = [];
  for (const unit of UNITS) {
    const path = `${options.unitDirectory}/${unit}`;
    const text = await files.read(path);
    if (text === undefined) continue;
    const isElsewhere = originOf(text) !== "foreign" && homeOfUnit(text) !== options.paths.mosaicHome;
    steps.push(isElsewhere ? { kind: "keep", path, why: "other home" } : stepFor(path, text, options.isForced));
  }
  return steps;
}

async function dropInSteps({ unitDirectory, isForced }: PlanUninstallationOptions, files: FileStore): Promise<UninstallStep[]> {
  const paths: string[] = [];
  for (const folder of await files.list(unitDirectory)) {
    if (!/^(mosaic-agent@.*|mosaic-tmux-holder|mosaic-node)\.service\.d$/.test(folder)) continue;
    const entries = await files.list(`${unitDirectory}/${folder}`);
    paths.push(...entries.map((entry) => `${unitDirectory}/${folder}/${entry}`));
  }
  return await generatedSteps(paths, (path) => path.endsWith(`/${DROP_IN}`), isForced, files);
}

async function agentSteps({ paths, isForced }: PlanUninstallationOptions, files: FileStore): Promise<UninstallStep[]> {
  const entries = (await files.list(paths.agentsDirectory)).map((entry) => `${paths.agentsDirectory}/${entry}`);
  const isOurs = (path: string) => path.endsWith(".launch") || (path.endsWith(".env") && !path.endsWith(".local.env"));
  return await generatedSteps(entries, isOurs, isForced, files);
}

async function frameworkSteps(options: PlanUninstallationOptions, files: FileStore): Promise<UninstallStep[]> {
  const { framework, paths, isForced, isInUse } = options;
  const steps: UninstallStep[] = [];
  for (const [name, shipped] of framework) {
    const path = `${paths.frameworkDirectory}/${name}`;
    const text = await files.read(path);
    if (text === undefined) continue;
    if (isInUse) steps.push({ kind: "keep", path, why: "in use" });
    else if (text !== shipped && !isForced) steps.push({ kind: "keep", path, why: "changed" });
    else steps.push({ kind: "remove", path, why: "" });
  }
  return steps;
}

async function generatedSteps(
  paths: readonly string[],
  isOurs: (path: string) => boolean,
  isForced: boolean,
  files: FileStore,
): Promise<UninstallStep[]> {
  const steps: UninstallStep[] = [];
  // One after the other: a fleet has thousands of them, and a process may hold fewer files open.
  for (const path of paths) {
    if (isOurs(path)) steps.push(stepFor(path, (await files.read(path)) ?? "", isForced));
    else steps.push({ kind: "keep", path, why: "site-owned" });
  }
  return steps;
}

function stepFor(path: string, text: string, isForced: boolean): UninstallStep {
  const origin = originOf(text);
  if (origin === "foreign") return { kind: "keep", path, why: "site-owned" };
  return origin === "changed" && !isForced ? { kind: "keep", path, why: "changed" } : { kind: "remove", path, why: "" };
}
