import { MosaicError } from "@mosaic/core/light";
import type { HostFleet } from "./host-fleet.ts";

/** Refuses what can't be done without the user's systemd.
 *  @throws MosaicError NO_SYSTEMD */
export function assertSystemd({ systemd }: Pick<HostFleet, "systemd">, what: keyof typeof WITHOUT): void {
  if (systemd.kind === "there") return;
  throw new MosaicError("NO_SYSTEMD", `cannot ${what}: no systemd user manager answers (${systemd.reason})`, {
    hint: `log in as this user over ssh, or: machinectl shell <user>@ ; ${WITHOUT[what]}`,
  });
}

/** What can be done all the same. */
const WITHOUT = {
  install: "without systemd agents still run: mosaic fleet start",
  uninstall: "agents that run without systemd end with: mosaic fleet stop --holder",
} as const;
