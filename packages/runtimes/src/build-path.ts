export interface BuildPathOptions {
  /** The `PATH` that the launching process has itself. */
  readonly inheritedPath: string;
  /** The user's home directory. */
  readonly homeDirectory: string;
  /** Directories that the operator names, like a `PATH`: they win over everything. */
  readonly override?: string | undefined;
  /** npm's global prefix, where known (`npm prefix -g`). */
  readonly npmPrefix?: string | undefined;
}

/** Makes the `PATH` that is baked into an agent's pane, since a pane inherits the tmux server's environment and a server
 *  started at boot by systemd knows nothing of where a user installs programs. In front of the inherited path, in this
 *  order: the override, npm's prefix, `~/.npm-global/bin`, `~/.local/bin`; each only if it exists, nothing twice.
 *  Relative and empty entries are dropped: they would make the working directory a place to take programs from. */
export function buildPath(options: BuildPathOptions, directoryExists: (path: string) => boolean): string {
  const home = options.homeDirectory.replace(/\/+$/, "");
  const npmPrefix =
    options.npmPrefix === undefined || options.npmPrefix === "" ? [] : [`${options.npmPrefix.replace(/\/+$/, "")}/bin`];
  const added = [...split(options.override ?? ""), ...npmPrefix, `${home}/.npm-global/bin`, `${home}/.local/bin`];
  const inherited = split(options.inheritedPath);
  return [...new Set([...added.filter((path) => path.startsWith("/") && directoryExists(path)), ...inherited])].join(":");
}

function split(path: string): string[] {
  return path.split(":").filter((entry) => entry.startsWith("/"));
}
