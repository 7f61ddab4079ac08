import type {
  AuditLog,
  FileStore,
  Roster,
  RosterAgent,
  SessionLauncher,
  TerminalServer,
  UnitControl,
  UnitTable,
} from "@mosaic/core";
import type { FleetPaths, Supervisor, UnitSite } from "@mosaic/lifecycle";

/** The fleet of this host as the commands see it that start and end agents. */
export interface HostFleet extends AsyncDisposable {
  readonly paths: FleetPaths;
  readonly roster: Roster;
  /** Ephemeral agents that were started for a lane. */
  readonly workers: readonly RosterAgent[];
  readonly site: UnitSite;
  readonly files: FileStore;
  readonly terminal: TerminalServer & SessionLauncher;
  readonly units: UnitTable & UnitControl;
  readonly audit: AuditLog;
  /** Who is written down as having done it. */
  readonly actor: string;
  /** Whether the user's systemd answers; if not, why. */
  readonly systemd: { readonly kind: "there" } | { readonly kind: "absent"; readonly reason: string };
  /** Whether `fleet install-systemd` was run for this user. */
  readonly isInstalled: boolean;
  /** systemd where the fleet is installed there, else tmux alone. */
  readonly supervisor: Supervisor;
  /** Takes away folders that held these files and are empty now. */
  removeEmptyFolders(removed: readonly string[]): Promise<void>;
}
