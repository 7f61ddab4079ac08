import { join } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { type RunTool, toolFailure } from "../local/run-tool.ts";
import { isVersion, PACKAGE_NAME } from "./layout.ts";

/** What asking npm needs. */
export interface NpmWorld {
  readonly runTool: RunTool;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where npm is run: a folder without a project of its own, so that the user's settings count. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** A registry on the other side of the world may take its time, in ms. */
const FETCH_MS = 5 * 60_000;
const VIEW_MS = 30_000;
const OFFLINE = `without a registry: mosaic upgrade ./${PACKAGE_NAME}-<version>.tgz ; to go back to a version that is here: mosaic rollback`;

/** Asks the user's npm which version a tag or a version is.
 *  @throws MosaicError MACHINE when npm is not there, does not answer or has no such version */
export async function lookUpVersion(spec: string, { runTool, env, cwd, signal }: NpmWorld): Promise<string> {
  const argv = ["npm", "view", `${PACKAGE_NAME}@${spec}`, "version", "--json", "--loglevel=error"] as const;
  const end = await runTool({
    argv,
    env,
    cwd,
    signal,
    timeoutMs: VIEW_MS,
    doing: `asking npm for ${PACKAGE_NAME}@${spec}`,
  }).catch((thrown) => {
    const error = MosaicError.from(thrown);
    if (error.code !== "DEADLINE") throw error;
    const message = `npm had no answer of its registry about ${PACKAGE_NAME}@${spec} within ${VIEW_MS / 1000} s`;
    throw new MosaicError("MACHINE", message, { hint: OFFLINE, cause: error });
  });
  if (end.exitCode !== 0) throw toolFailure(`npm does not know ${PACKAGE_NAME}@${spec}`, end, OFFLINE);
  const told: unknown = JSON.parse(end.stdout || "null");
  // A range fits several: the last one is the newest.
  const version: unknown = Array.isArray(told) ? told.at(-1) : told;
  if (typeof version === "string" && isVersion(version)) return version;
  throw new MosaicError("MACHINE", `npm told no version of ${PACKAGE_NAME}@${spec}`, { hint: OFFLINE });
}

/** Gets the package with the user's npm, which holds it to the checksum that the registry has of it.
 *  @param folder where it goes; must be there
 *  @returns path of the tarball
 *  @throws MosaicError MACHINE as {@link lookUpVersion} */
export async function fetchPackage(spec: string, folder: string, { runTool, env, cwd, signal }: NpmWorld): Promise<string> {
  const flags = ["--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
  const argv = ["npm", "pack", `${PACKAGE_NAME}@${spec}`, ...flags] as const;
  const doing = `getting ${PACKAGE_NAME}@${spec} from npm`;
  const end = await runTool({ argv: [argv[0], ...argv.slice(1)], env, cwd, signal, timeoutMs: FETCH_MS, doing });
  if (end.exitCode !== 0) throw toolFailure(`npm could not get ${PACKAGE_NAME}@${spec}`, end, OFFLINE);
  const [packed] = JSON.parse(end.stdout) as { filename?: string }[];
  if (packed?.filename) return join(folder, packed.filename);
  throw new MosaicError("MACHINE", `npm told no tarball of ${PACKAGE_NAME}@${spec}`, { hint: OFFLINE });
}
