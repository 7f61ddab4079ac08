import { readFile } from "node:fs/promises";
import { MosaicError, parseRoster } from "@mosaic/core";
import { enableLingering, fileStore, loginName, readLingering } from "@mosaic/host";
import { NODE_UNIT } from "@mosaic/lifecycle";
import type { Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import { planChanges } from "../lifecycle/plan-changes.ts";
import { locateFramework } from "./installation.ts";
import { openHostFleet } from "./open-host-fleet.ts";
import { readFramework } from "./read-framework.ts";
import { readRosterText } from "./read-roster.ts";

/** The roster of a host that joins, before it is known whose it will be. */
export interface PreparedRoster {
  /** How the host calls itself. */
  readonly host: string;
  /** Writes the smallest roster where there is none; looks that one that is there is the tenant's.
   *  @throws MosaicError NOT_ALLOWED for another tenant's */
  settle(tenantId: string): Promise<void>;
}

/** Looks at the roster of a host that joins.
 *  @throws MosaicError ROSTER_INVALID for one that can't be used */
export async function prepareRoster({ globals }: Invocation, io: Io): Promise<PreparedRoster> {
  const path = globals.rosterPath;
  const text = await readRosterText(path);
  if (text !== undefined) {
    const roster = parseRoster(text, { file: path, defaultTenant: loginName(), defaultHost: io.hostName() });
    return { host: roster.host, settle: async (tenantId) => assertTenant(roster.tenantId, tenantId, path) };
  }
  const host = io.hostName();
  return {
    host,
    async settle(tenantId) {
      const example = await readFile(`${locateFramework()}/fleet/examples/minimal.yaml`, "utf8");
      const named = example.replace(/^version: 1$/m, `version: 1\ntenant: ${tenantId}\nhost: ${host}`);
      await fileStore().write(path, named, 0o600);
    },
  };
}

function assertTenant(rosters: string, certificates: string, path: string): void {
  if (rosters === certificates) return;
  throw new MosaicError("NOT_ALLOWED", `the roster is of tenant "${rosters}", and this host was let in for "${certificates}"`, {
    hint: `write tenant: ${certificates} into ${path}, or ask for a line with --tenant ${rosters}`,
  });
}

/** Starts the node, or starts it again, as a unit of this user's systemd, and has that outlive logouts where logind lets us.
 *  @returns what to type where there is none, or where logouts still end it */
export async function startJoinedNode(
  invocation: Invocation,
  io: Io,
): Promise<{ readonly kind: "systemd"; readonly next: string | null } | { readonly kind: "by-hand"; readonly next: string }> {
  const byHand = { kind: "by-hand", next: "mosaic-node" } as const;
  try {
    await using fleet = await openHostFleet(invocation, io);
    if (fleet.systemd.kind !== "there") return byHand;
    if (!fleet.isInstalled)
      await (await planChanges(fleet, await readFramework(), { listen: [], force: false })).apply(io.signal);
    await fleet.units.restart(NODE_UNIT, io.signal);
    return { kind: "systemd", next: await lingering(io.signal) };
  } catch (thrown) {
    // It has joined; that it does not run yet is told with what to do.
    const { message } = MosaicError.from(thrown);
    return { ...byHand, next: `mosaic-node (systemd could not: ${message})` };
  }
}

async function lingering(signal: AbortSignal): Promise<string | null> {
  const user = loginName();
  if ((await readLingering({ user })) !== "disabled") return null;
  try {
    await enableLingering(user, signal);
    return null;
  } catch {
    // Some systems let only an administrator do that: it is what is told.
    return `sudo loginctl enable-linger ${user}`;
  }
}
