import type { LaunchContext } from "./launch.ts";

/** What makes a runtime report: files of `framework/runtimes/<name>/` and what is changed so that the runtime loads them.
 *  Pure: the caller reads, writes and asks. Nothing of the user's own is ever taken away. */
export interface HookKit {
  /** Files to change, each with how: given its text (undefined: there is none) it answers with the text it should have.
   *  The same again when it is already so; `remove` takes away exactly what `install` added. */
  files(site: HookSite): readonly HookFile[];
}

export interface HookFile {
  /** Absolute. */
  readonly path: string;
  /** @throws MosaicError HOOKS_REFUSED when the file can't be understood: then it is left alone */
  install(text: string | undefined): string;
  /** @returns undefined: the file goes */
  remove(text: string): string | undefined;
  /** Default 0o600. */
  readonly mode?: number;
}

/** Where hooks are installed. */
export interface HookSite {
  readonly home: string;
  readonly context: LaunchContext;
  /** Folders of the agents, absolute. */
  readonly workingDirectories: readonly string[];
}
