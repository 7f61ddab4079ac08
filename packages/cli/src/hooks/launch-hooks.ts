import type { RuntimeLaunch } from "@mosaic/runtimes";

/** A file of `framework/` as it was found on the host. */
export interface FoundFile {
  readonly text: string;
  readonly isExecutable: boolean;
}

export interface LaunchHooksQuestion {
  readonly runtime: string;
  readonly launch: RuntimeLaunch;
  /** Where the launch line's files are. */
  readonly frameworkDirectory: string;
  /** What this program ships, text by path below `framework/`. */
  readonly shipped: ReadonlyMap<string, string>;
  /** Reads a file of the host, absolute path. */
  readonly find: (path: string) => FoundFile | undefined;
}

/** What a launch line needs of the host so that its hooks can fire. */
export interface LaunchHooks {
  /** True when the line names files of `framework/`. */
  readonly isNamed: boolean;
  /** Absolute paths that are as they should be. */
  readonly sound: readonly string[];
  /** What is wrong, one clause each. */
  readonly faults: readonly string[];
}

/** Checks the files of Mosaic's own that a launch line names, and those of the runtime that these load in turn. That hooks are
 *  in place does not prove that they fire: only what a node hears does. */
export function checkLaunchHooks(question: LaunchHooksQuestion): LaunchHooks {
  const { frameworkDirectory, find, shipped } = question;
  const named = namedFiles(question);
  if (named.length === 0) return { isNamed: false, sound: [], faults: [] };
  const hasModules = named.some((path) => path.startsWith("runtimes/") && path.endsWith(".mjs"));
  const loaded = [...shipped.keys()].filter((path) => hasModules && isLoadedBy(path, question.runtime));
  const paths = [...new Set([...named, ...loaded])].sort();
  const judged = paths.map((path) => {
    const absolute = `${frameworkDirectory}/${path}`;
    return { absolute, fault: faultOf(path, find(absolute), shipped.get(path)) };
  });
  return {
    isNamed: true,
    sound: judged.filter(({ fault }) => fault === undefined).map(({ absolute }) => absolute),
    faults: judged.flatMap(({ absolute, fault }) => (fault === undefined ? [] : [`${absolute} ${fault}`])),
  };
}

/** Paths below `framework/` that stand in the line's arguments or environment, alone or within settings. */
function namedFiles({ launch, frameworkDirectory }: LaunchHooksQuestion): string[] {
  // Settings that are URLs have it in their own spelling.
  const spellings = new Set([frameworkDirectory, encodeURI(frameworkDirectory)]);
  const texts = [...launch.argv, ...Object.values(launch.env)];
  const found = [...spellings].flatMap((spelling) => {
    const pattern = new RegExp(`${spelling.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}/([\\w./-]*\\w)`, "g");
    return texts.flatMap((text) => [...text.matchAll(pattern)].map(([, path = ""]) => path));
  });
  return [...new Set(found)];
}

function isLoadedBy(path: string, runtime: string): boolean {
  return path.startsWith("runtimes/") && path.endsWith(".mjs") && [runtime, undefined].includes(folderOf(path));
}

// Modules beside the runtimes' folders are there for all of them.
function folderOf(path: string): string | undefined {
  return /^runtimes\/([^/]+)\//.exec(path)?.[1];
}

function faultOf(path: string, found: FoundFile | undefined, shipped: string | undefined): string | undefined {
  if (found === undefined) return "is not there";
  if (shipped !== undefined && found.text !== shipped) return "is not the one that this program ships";
  // A module is loaded, whatever its first line says.
  const isProgram = found.text.startsWith("#!") && !path.endsWith(".mjs");
  return isProgram && !found.isExecutable ? "can't be executed" : undefined;
}
