import { chmod } from "node:fs/promises";
import { NO_DAEMON, NOW_MS, soundNode } from "../sound-world-for-tests.ts";
import { folder, type PlantedFault, run, withFinder } from "./planted-fault-for-tests.ts";

const HOOK = { runtime: "claude", files: [], checked: [], heard: null };

/** Faults of the fleet's files and of what agents need. */
export const HOME_FAULTS: readonly PlantedFault[] = [
  {
    name: "others may write into MOSAIC_HOME",
    plant: ({ paths }) => chmod(paths.mosaicHome, 0o777),
    check: "home",
    found: /mode 777: others may write/,
    next: /^chmod go-w \//,
    isMended: true,
  },
  {
    name: "MOSAIC_HOME belongs to somebody else",
    plant: (world) => world.entries.set(world.paths.mosaicHome, folder(0o700, 4711)),
    check: "home",
    found: /belongs to user 4711, not to ada/,
    next: /^sudo chown -R ada \//,
  },
  {
    name: "the run folder belongs to somebody else",
    plant: (world) => world.entries.set(world.paths.runDirectory, folder(0o700, 4711)),
    check: "run-directory",
    found: /belongs to user 4711/,
    next: /^sudo chown -R ada \/.*\/run$/,
  },
  {
    name: "others may write into the run folder",
    plant: ({ paths }) => chmod(paths.runDirectory, 0o775),
    check: "run-directory",
    found: /mode 775: others may replace/,
    next: /^chmod 700 \/.*\/run$/,
    isMended: true,
  },
  {
    name: "others may connect to the node's socket",
    plant: (world) => world.entries.set(run(world, "node.sock"), { kind: "socket", mode: 0o666, uid: world.user.uid }),
    check: "sockets",
    found: /node\.sock has mode 666: others may connect/,
    next: /^chmod 600 .*node\.sock$/,
    isMended: true,
  },
  {
    name: "a file stands in the place of the node's socket",
    plant: (world) => world.entries.set(run(world, "node.sock"), { kind: "file", mode: 0o600, uid: world.user.uid }),
    check: "sockets",
    found: /is no socket/,
    next: /^mv .*node\.sock .*node\.sock\.old$/,
  },
  {
    name: "a killed node left its record",
    plant: async (world) => {
      const path = run(world, "node.json");
      await world.write(path, "{}");
      const left = { ...soundNode(world.paths.runDirectory), isRunning: false, info: undefined };
      world.daemon = async () => ((await world.files.look(path)) ? left : NO_DAEMON);
    },
    check: "left-behind",
    severity: "warn",
    found: /node\.json names process 42, which is no mosaic-node/,
    next: /^rm .*node\.json$/,
    isMended: true,
  },
  {
    name: "the audit log is somebody else's",
    plant: (world) => world.entries.set(world.paths.auditPath, { kind: "file", mode: 0o600, uid: 0 + world.user.uid + 1 }),
    check: "audit",
    found: /is not ada's to write/,
    next: /^sudo chown ada .*audit\.jsonl$/,
  },
  {
    name: "there is no roster",
    plant: (world) => (world.roster = async () => ({ kind: "absent" })),
    check: "roster",
    found: /there is none at/,
    next: /^mosaic fleet init --profile minimal --write$/,
  },
  {
    name: "the roster is invalid",
    plant: (world) =>
      (world.roster = async () => ({ kind: "bad", code: "ROSTER_INVALID", message: "roster.yaml:3:5: unknown key" })),
    check: "roster",
    found: /roster\.yaml:3:5: unknown key/,
    next: /^mosaic agent roster$/,
  },
  {
    name: "an agent's runtime is not on the PATH",
    plant: ({ machine }) => withFinder(machine, { detached: () => undefined, inShell: () => undefined }),
    check: "programs",
    found: /runtime claude: claude can't be found/,
    next: /^npm install -g @anthropic-ai\/claude-code$/,
  },
  {
    name: "an agent's runtime is on the PATH of the shell only",
    plant: ({ machine }) => withFinder(machine, { detached: () => undefined, inShell: () => "/home/ada/.nvm/bin/claude" }),
    check: "programs",
    found: /on the PATH of this shell only: a detached pane does not find it/,
    next: /^export MOSAIC_AGENT_PATH=\/home\/ada\/\.nvm\/bin$/,
  },
  {
    name: "the PATH of an installed pane is out of date",
    plant: async (world) => {
      await world.write(`${world.paths.agentsDirectory}/lead.env`, 'PATH="/opt/node-22/bin"\n');
      const sound = world.machine.finder("");
      world.machine.finder = (path) => (path.includes("node-22") ? { ...sound, detached: () => undefined } : sound);
    },
    check: "pane-path",
    found: /in the pane of lead: /,
    next: /^mosaic fleet install-systemd && mosaic fleet restart lead$/,
  },
  {
    name: "an agent's folder is missing",
    plant: ({ machine }) => withFinder(machine, { folderExists: () => false }),
    check: "directories",
    found: /is not there, and agents start in it/,
    next: /^mkdir -p \//,
  },
  {
    name: "the hooks of a runtime are gone",
    plant: (world) => {
      const item = { ...HOOK, way: "files", outcome: "missing", detail: "its hooks are not in place" } as const;
      world.hooks = async () => [{ ...item, next: "mosaic agent install-hooks claude" }];
      world.installHooks = async () => {
        world.hooks = async () => [];
      };
    },
    check: "hooks",
    found: /claude: its hooks are not in place/,
    next: /^mosaic agent install-hooks claude$/,
    isMended: true,
  },
  {
    name: "a hook is stale",
    plant: (world) => {
      const detail = "hook.mjs is not the one that this program ships";
      world.hooks = async () => [
        { ...HOOK, way: "launch-line", outcome: "missing", detail, next: "mosaic fleet install-systemd" },
      ];
    },
    check: "hooks",
    found: /is not the one that this program ships/,
    next: /^mosaic fleet install-systemd$/,
  },
  {
    name: "a heartbeat file can't be read",
    plant: (world) => world.unreadable.add(run(world, "lead.hb")),
    check: "heartbeats",
    found: /it can't be read/,
    next: /^sudo chown ada .*lead\.hb$/,
  },
  {
    name: "a heartbeat file is torn",
    plant: (world) => world.write(run(world, "lead.hb"), "ts=now"),
    check: "heartbeats",
    severity: "warn",
    found: /lead\.hb is no heartbeat/,
    next: /^rm .*lead\.hb$/,
  },
  {
    name: "a heartbeat comes from the future",
    plant: (world) => world.write(run(world, "lead.hb"), `ts=${new Date(NOW_MS + 60_000).toISOString()}\npid=1\nstatus=ok\n`),
    check: "heartbeats",
    severity: "warn",
    found: /60 s ahead of this host's clock/,
    next: /^timedatectl$/,
  },
  {
    name: "the message store is damaged",
    plant: (world) =>
      (world.inspectStore = async () => ({ refusal: "it is damaged", passing: undefined, readable: 1, unfinished: [] })),
    check: "messages",
    found: /the inbox: it is damaged/,
    next: /^mosaic message repair --dry-run$/,
  },
];
