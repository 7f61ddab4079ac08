import {
  type LastGoodFile,
  type Log,
  MosaicError,
  openLastGoodFile,
  parseRoster,
  type Roster,
  type WatchedFiles,
} from "@mosaic/core";

export interface RosterSourceOptions {
  readonly path: string;
  readonly defaultTenant: string;
  readonly defaultHost: string;
}

export type RosterSource = LastGoodFile<Roster>;

const MAX_ROSTER_BYTES = 1024 * 1024;

/** Reads the roster and follows its changes.
 *  @throws MosaicError ROSTER_INVALID when there is no good roster to begin with. */
export function openRoster(
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
        hint: "copy framework/fleet/examples/minimal.yaml there, or name another with --roster",
      }),
    assertMayReplace: assertSameNode,
  };
  return openLastGoodFile(files, log, source, onChange);
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
