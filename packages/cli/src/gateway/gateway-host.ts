import type { Roster } from "@mosaic/core";
import type { HostFleet } from "../lifecycle/host-fleet.ts";

/** This host as the commands see it that keep its daemons. */
export interface GatewayHost
  extends AsyncDisposable,
    Pick<HostFleet, "paths" | "site" | "files" | "units" | "audit" | "actor" | "systemd"> {
  /** Needed where a node's unit is made; undefined otherwise. */
  readonly roster: Roster | undefined;
  readonly tenantId: string;
  readonly host: string;
}
