import { sessionNameOf } from "@mosaic/core";
import type { HostFleet } from "./host-fleet.ts";

/** Looks once at what runs, and answers for any agent whether its session has a living program.
 *  @throws MosaicError MACHINE */
export async function isAliveIn(fleet: Pick<HostFleet, "terminal">, signal: AbortSignal): Promise<(name: string) => boolean> {
  const panes = await fleet.terminal.listPanes(signal);
  const alive = new Set(panes.filter((pane) => !pane.isDead).map((pane) => pane.session));
  return (name) => alive.has(sessionNameOf(name));
}
