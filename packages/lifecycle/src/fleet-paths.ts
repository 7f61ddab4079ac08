/** Where a tenant's fleet keeps its files. Absolute paths. */
export interface FleetPaths {
  readonly mosaicHome: string;
  readonly rosterPath: string;
  /** Heartbeats, process ids and sockets: nothing here outlives a reboot. */
  readonly runDirectory: string;
  /** What is generated for each agent: its environment and its command line. Operators' own `<agent>.local.env` lie here too. */
  readonly agentsDirectory: string;
  /** One file per ephemeral agent that was started for a lane. */
  readonly workersDirectory: string;
  /** Terminal recordings, one folder per agent. */
  readonly sessionsDirectory: string;
  readonly auditPath: string;
  /** Mosaic's own copies of what units and agents execute; overwritten by each installation. */
  readonly frameworkDirectory: string;
  readonly nodeSocketPath: string;
}

/** Lays a fleet out below its `MOSAIC_HOME`.
 *  @param rosterPath default: `fleet/roster.yaml` there */
export function fleetPaths(mosaicHome: string, rosterPath?: string): FleetPaths {
  const fleet = `${mosaicHome}/fleet`;
  return {
    mosaicHome,
    rosterPath: rosterPath ?? `${fleet}/roster.yaml`,
    runDirectory: `${fleet}/run`,
    agentsDirectory: `${fleet}/agents`,
    workersDirectory: `${fleet}/workers`,
    sessionsDirectory: `${fleet}/sessions`,
    auditPath: `${fleet}/audit.jsonl`,
    frameworkDirectory: `${mosaicHome}/framework`,
    nodeSocketPath: `${fleet}/run/node.sock`,
  };
}
