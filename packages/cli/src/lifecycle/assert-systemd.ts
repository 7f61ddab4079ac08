import { MosaicError } from "@mosaic/core/light";
import type { HostFleet } from "./host-fleet.ts";

/** Refuses what can't be done without the user's systemd.
 *  @param what for example `install`
 *  @throws MosaicError NO_SYSTEMD */
export function assertSystemd({ systemd }: Pick<HostFleet, "systemd">, what: string): void {
  if (systemd.kind === "there") return;
  throw new MosaicError("NO_SYSTEMD", `cannot ${what}: no systemd user manager answers (${systemd.reason})`, {
    hint: "log in as this user over ssh, or: machinectl shell <user>@ ; without systemd agents still run: mosaic fleet start",
  });
}
