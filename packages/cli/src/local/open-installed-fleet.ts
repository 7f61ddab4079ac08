import { homedir } from "node:os";
import { silentLog } from "@mosaic/core";
import { connectSystemd, connectTmux, fileStore } from "@mosaic/host";
import { fleetPaths, HOLDER_UNIT, socketOfUnit } from "@mosaic/lifecycle";
import type { Io } from "../io/io.ts";
import type { InstalledFleet } from "../lifecycle/installed-fleet.ts";
import type { DirectSite } from "./direct-host.ts";
import { locateFramework } from "./installation.ts";
import { openAudit } from "./open-audit.ts";
import { readFramework } from "./read-framework.ts";
import { rosterIfGood } from "./read-roster.ts";
import { removeEmptyFolders } from "./remove-empty-folders.ts";
import { unitDirectoryOf } from "./unit-directory.ts";

/** Opens what was installed on this host. Needs neither a node nor a roster.
 *  @throws MosaicError MACHINE */
export async function openInstalledFleet({ mosaicHome, rosterPath }: DirectSite, io: Io): Promise<InstalledFleet> {
  const paths = fleetPaths(mosaicHome, rosterPath);
  const unitDirectory = unitDirectoryOf(io.env["HOME"] || homedir(), io.env);
  const files = fileStore();
  // Whoever wants to be rid of the units need not mend the roster first.
  const roster = await rosterIfGood(rosterPath, io);
  const { audit, who } = await openAudit({ mosaicHome, rosterPath }, io);
  await using stack = new AsyncDisposableStack();
  const units = stack.use(
    connectSystemd({ clock: io.clock, log: silentLog, runtimeDirectory: io.env["XDG_RUNTIME_DIR"] || undefined }),
  );
  const reading = await units.read([HOLDER_UNIT], io.signal);
  const socketName = socketOfUnit((await files.read(`${unitDirectory}/${HOLDER_UNIT}`)) ?? "");
  const holderSession = roster?.holderSession ?? "_holder";
  const terminal =
    socketName === undefined ? undefined : stack.use(connectTmux({ socketName, holderSession, clock: io.clock, log: silentLog }));
  const opened = stack.move();
  return {
    ...{ paths, unitDirectory, files, units, terminal, holderSession },
    // A home that is a clone's own folder holds the original, which is nobody's to take away.
    framework: paths.frameworkDirectory === locateFramework() ? new Map() : await readFramework(),
    ...{ audit, ...who },
    systemd: reading.kind === "units" ? { kind: "there" } : reading,
    removeEmptyFolders: (removed) => removeEmptyFolders(removed, [mosaicHome, unitDirectory]),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
