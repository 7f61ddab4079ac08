import {
  type LastGoodFile,
  type Log,
  MosaicError,
  openLastGoodFile,
  parseRoster,
  type Roster,
  readWorkers,
  type WatchedFiles,
  withWorkers,
} from "@mosaic/core";

export interface RosterSourceOptions {
  readonly path: string;
  /** Where ephemeral agents are written down. */
  readonly workersDirectory: string;
  readonly defaultTenant: string;
  readonly defaultHost: string;
}

/** The roster in force, with the ephemeral agents that were started for lanes. */
export type RosterSource = LastGoodFile<Roster>;

const MAX_ROSTER_BYTES = 1024 * 1024;

/** Reads the roster and the workers, and follows their changes.
 *  @throws MosaicError ROSTER_INVALID when there is no good roster to begin with. */
export async function openRoster(
  files: WatchedFiles,
  log: Log,
  options: RosterSourceOptions,
  onChange: () => void,
): Promise<RosterSource> {
  const { path, defaultTenant, defaultHost } = options;
  const source = {
    path,
    maxBytes: MAX_ROSTER_BYTES,
    parse: (text: string) => parseRoster(text, { file: path, defaultTenant, defaultHost }),
    missing: () =>
      new MosaicError("ROSTER_INVALID", `no roster at ${path}`, {
        hint: "write one: mosaic fleet init --profile minimal --write; or name another with --roster",
      }),
    assertMayReplace: assertSameNode,
  };
  using stack = new DisposableStack();
  const roster = stack.use(await openLastGoodFile(files, log, source, onChange));
  let workers = await readWorkers(files, options.workersDirectory);
  const readAgain = async () => {
    try {
      workers = await readWorkers(files, options.workersDirectory);
      onChange();
    } catch (thrown) {
      log.warn({ path: options.workersDirectory, error: MosaicError.from(thrown).message }, "the lanes' workers can't be read");
    }
  };
  stack.use(files.onChange(options.workersDirectory, () => void readAgain()));
  const opened = stack.move();
  return {
    get value() {
      return withWorkers(roster.value, workers);
    },
    get problem() {
      return roster.problem;
    },
    reload: async () => {
      await Promise.all([roster.reload(), readAgain()]);
    },
    [Symbol.dispose]: () => opened.dispose(),
  };
}

// Who a node is was told to others at its start; another tenant, host or socket is another node.
function assertSameNode(fresh: Roster, inForce: Roster): void {
  for (const key of ["tenantId", "host", "socketName"] as const) {
    if (fresh[key] === inForce[key]) continue;
    throw new MosaicError(
      "ROSTER_INVALID",
      `the roster changed ${key} from "${inForce[key]}" to "${fresh[key]}" while the node runs`,
      {
        hint: "restart mosaic-node to take that over",
      },
    );
  }
}
