import { homedir } from "node:os";
import { silentLog } from "@mosaic/core";
import { connectSystemd, fileStore } from "@mosaic/host";
import { fleetPaths, type GatewayRole } from "@mosaic/lifecycle";
import type { Invocation } from "../command.ts";
import type { GatewayHost } from "../gateway/gateway-host.ts";
import type { Io } from "../io/io.ts";
import { locateInstallation } from "./installation.ts";
import { openAudit } from "./open-audit.ts";
import { openHostFleet } from "./open-host-fleet.ts";
import { readFramework } from "./read-framework.ts";
import { unitDirectoryOf } from "./unit-directory.ts";

/** Opens this host for one of its daemons. Needs no roster: that is for {@link openGatewayPlan}.
 *  @throws MosaicError MACHINE */
export async function openGatewayHost({ globals }: Pick<Invocation, "globals">, io: Io): Promise<GatewayHost> {
  const paths = fleetPaths(globals.mosaicHome, globals.rosterPath);
  const { audit, who } = await openAudit(globals, io);
  const homeDirectory = io.env["HOME"] || homedir();
  await using stack = new AsyncDisposableStack();
  const units = stack.use(
    connectSystemd({ clock: io.clock, log: silentLog, runtimeDirectory: io.env["XDG_RUNTIME_DIR"] || undefined }),
  );
  const reading = await units.read(["mosaic-*"], io.signal);
  const opened = stack.move();
  return {
    ...{ paths, files: fileStore(), units, audit, ...who, roster: undefined },
    site: {
      ...{ paths, tenantId: who.tenantId, host: who.host, homeDirectory, path: "", tmuxProgram: "tmux", listen: [] },
      ...{ nodeProgram: process.execPath, unitDirectory: unitDirectoryOf(homeDirectory, io.env) },
      nodeDaemon: locateInstallation().aggregatorDaemon,
    },
    systemd: reading.kind === "units" ? { kind: "there" } : reading,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Opens this host for a change of a daemon's unit.
 *  @throws MosaicError ROSTER_INVALID for a node without a good roster, MACHINE */
export async function openGatewayPlan(
  invocation: Pick<Invocation, "globals">,
  role: GatewayRole,
  io: Io,
): Promise<{ readonly host: GatewayHost; readonly framework: ReadonlyMap<string, string> } & AsyncDisposable> {
  const framework = await readFramework();
  if (role === "aggregator") {
    const host = await openGatewayHost(invocation, io);
    return { host, framework, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
  }
  const fleet = await openHostFleet(invocation, io);
  const { tenantId, host } = fleet.roster;
  return { host: { ...fleet, tenantId, host }, framework, [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose]() };
}
