import type { CommandDeps, Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import type { InstallWorld } from "./install-world.ts";
import type { Layout } from "./layout.ts";
import type { Wish } from "./package-source.ts";
import type { Installed } from "./where-installed.ts";

/** What was asked of an upgrade. */
export interface UpgradeOptions {
  readonly layout: Layout;
  readonly own: Installed;
  /** What was typed; undefined: the latest of npm. */
  readonly word: string | undefined;
  readonly isDryRun: boolean;
  readonly isForced: boolean;
  readonly waitMs: number;
}

/** One run of `mosaic upgrade`, with what all its parts need. */
export interface UpgradeRun extends UpgradeOptions {
  readonly invocation: Invocation;
  readonly io: Io;
  readonly deps: CommandDeps;
  readonly wish: Wish;
  readonly world: InstallWorld;
}

/** The time now, for records. */
export function nowIso({ clock }: Io): string {
  return new Date(clock.nowUnixMs()).toISOString();
}
