import type { Intent } from "../../upgrade/intent.ts";
import type { DoctorWorld } from "../doctor-world.ts";
import { NO_DAEMON, soundVersions } from "../sound-world-for-tests.ts";
import { nodeUnit, type Planted, type PlantedFault } from "./planted-fault-for-tests.ts";

/** What an upgrade from 1.0.0 to 1.1.0 keeps while it verifies. */
export function anIntent({ paths }: Pick<DoctorWorld, "paths">, more: Partial<Intent> = {}): Intent {
  const node = { role: "node", answers: true, version: "1.0.0", pid: 41 } as const;
  return {
    ...{ schema: "mosaic.upgrade.intent/1", id: "run-1", verb: "upgrade", phase: "verifying", mosaic_home: paths.mosaicHome },
    ...{ from: { kind: "version", version: "1.0.0" }, to: { kind: "version", version: "1.1.0" }, sha256: "" },
    before: { daemons: [node], hosts: [], agents: [], conditions: [], mesh: null, problem: "" },
    ...{ by_hand: [], started_at: "2026-11-21T11:00:00.000Z", pid: 40, actor: "desk:operator", ...more },
  };
}

/** Versions of which 1.1.0 is linked, and what a kill left. */
function leave(world: Planted, intent: Partial<Intent>, current = "1.1.0"): void {
  const own = { ...soundVersions().own, version: current } as ReturnType<typeof soundVersions>["own"];
  world.versions = async () => soundVersions({ own, current, intent: anIntent(world, intent) });
}

/** Faults that a change of versions leaves when it is killed. */
export const UPGRADE_FAULTS: readonly PlantedFault[] = [
  {
    name: "an upgrade was killed behind the switch, with the old node still there",
    plant: (world) => leave(world, {}),
    check: "upgrade",
    found:
      /^the upgrade from 1\.0\.0 to 1\.1\.0 that desk:operator began at \S+ was left half done \(verifying\): 1\.1\.0 is linked, mosaic-node runs 1\.0\.0$/,
    next: /^mosaic upgrade 1\.1\.0 {2}# goes on; mosaic rollback goes back to 1\.0\.0$/,
  },
  {
    name: "an upgrade was killed between the end of the old node and the start of the new one",
    plant: (world) => {
      leave(world, { phase: "switching" });
      world.daemon = async () => NO_DAEMON;
    },
    check: "upgrade",
    found: /half done \(switching\): 1\.1\.0 is linked, mosaic-node does not answer any more$/,
    next: /^mosaic upgrade 1\.1\.0 {2}# goes on/,
  },
  {
    name: "an upgrade was killed while it went back",
    plant: (world) => leave(world, { phase: "undoing" }, "1.0.0"),
    check: "upgrade",
    found: /half done \(undoing\): 1\.0\.0 is linked, mosaic-node runs 1\.0\.0$/,
    next: /^mosaic rollback {2}# goes back to 1\.0\.0$/,
  },
  {
    name: "a rollback of another home of this user was killed",
    plant: (world) => leave(world, { verb: "rollback", mosaic_home: "/srv/other" }),
    check: "upgrade",
    found: /^the rollback from .* half done \(verifying\): 1\.1\.0 is linked$/,
    next: /^mosaic rollback --mosaic-home \/srv\/other {2}# goes on$/,
  },
  {
    name: "an upgrade was killed before it switched",
    plant: (world) => leave(world, { phase: "installing", before: null }, "1.0.0"),
    check: "upgrade",
    severity: "warn",
    found: /^the upgrade .* was killed before anything was switched$/,
    next: /^mosaic rollback {2}# takes away what it left$/,
  },
  {
    name: "the node still runs the old program while an upgrade is half done",
    plant: (world) => leave(world, {}),
    check: "version",
    severity: "warn",
    found: /^mosaic-node is 1\.0\.0, 1\.1\.0 is linked$/,
    next: /^mosaic upgrade 1\.1\.0 {2}# goes on/,
  },
  {
    name: "the node runs another version than the one that is linked",
    plant: (world) => (world.versions = async () => soundVersions({ current: "1.1.0" })),
    check: "version",
    severity: "warn",
    found: /^mosaic-node is 1\.0\.0, 1\.1\.0 is linked$/,
    next: /^mosaic gateway restart --role node$/,
  },
  {
    name: "a node that no unit keeps runs another version than the one that is linked",
    plant: async (world) => {
      world.versions = async () => soundVersions({ current: "1.1.0" });
      await world.files.remove(nodeUnit(world));
    },
    check: "version",
    severity: "warn",
    found: /^mosaic-node is 1\.0\.0, 1\.1\.0 is linked$/,
    next: /^kill 42 {2}# no unit keeps it: then start mosaic-node as it was started$/,
  },
  {
    name: "the command that is typed is not of the version that is linked",
    plant: (world) => (world.versions = async () => soundVersions({ current: "1.1.0" })),
    check: "upgrade",
    severity: "warn",
    found: /^this command is 1\.0\.0, of version 1\.0\.0 of those in \S+, and 1\.1\.0 is linked/,
    next: /^\/home\/ada\/\.local\/share\/mosaic\/current\/bin\/mosaic doctor/,
  },
  {
    name: "the PATH still finds npm's package after an upgrade that was killed at its very end",
    plant: (world) => {
      const own = { kind: "npm", folder: "/usr/lib/node_modules/mosaic-fleet" } as const;
      world.versions = async () => soundVersions({ own, current: "1.1.0" });
    },
    check: "upgrade",
    severity: "warn",
    found: /^this command is 1\.0\.0, of the npm package in \S+, and 1\.1\.0 is linked/,
    next: /^mosaic upgrade 1\.1\.0 {2}# says what your PATH needs$/,
  },
];
