import type { AuditLog, FileStore, TerminalServer, UnitControl, UnitTable } from "@mosaic/core";
import type { FleetPaths } from "@mosaic/lifecycle";
import type { HostFleet } from "./host-fleet.ts";

/** What was installed on this host, seen without its roster, which may be gone or broken by now. */
export interface InstalledFleet extends AsyncDisposable {
  readonly paths: FleetPaths;
  /** Where the user's units are. */
  readonly unitDirectory: string;
  /** What this version ships and copies to the host: text by path. */
  readonly framework: ReadonlyMap<string, string>;
  readonly files: FileStore;
  readonly units: UnitTable & UnitControl;
  /** The tmux server that the installed holder keeps; undefined: none is installed. */
  readonly terminal: Pick<TerminalServer, "listPanes"> | undefined;
  readonly holderSession: string;
  readonly audit: AuditLog;
  readonly actor: string;
  readonly tenantId: string;
  readonly host: string;
  readonly systemd: HostFleet["systemd"];
  /** Takes away folders that held these files and are empty now. */
  removeEmptyFolders(removed: readonly string[]): Promise<void>;
}
