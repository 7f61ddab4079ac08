import { folder, type PlantedFault } from "./planted-fault-for-tests.ts";

const DISK = { isWritable: true, freeBytes: 0, totalBytes: 100e9, freeFiles: 1e6 };

/** Faults of the machine itself. */
export const MACHINE_FAULTS: readonly PlantedFault[] = [
  {
    name: "tmux is missing",
    plant: ({ machine }) => (machine.tmuxVersion = async () => undefined),
    check: "tmux",
    found: /is not installed/,
    next: /^sudo apt install tmux$/,
  },
  {
    name: "tmux is too old",
    plant: ({ machine }) => (machine.tmuxVersion = async () => "3.1c"),
    check: "tmux",
    found: /3\.1c is too old/,
    next: /^sudo apt install tmux$/,
  },
  {
    name: "the folder of tmux's sockets is open to others",
    plant: (world) => world.entries.set(`${world.env["TMUX_TMPDIR"]}/tmux-${world.user.uid}`, folder(0o755, world.user.uid)),
    check: "tmux-folder",
    found: /mode 755: tmux takes it for unsafe/,
    next: /^chmod 700 /,
    isMended: true,
  },
  {
    name: "the user's systemd bus is missing though the fleet is installed",
    plant: (world) => {
      world.machine.systemd = async () => ({ kind: "absent", reason: "no socket" });
      world.env = { ...world.env, XDG_RUNTIME_DIR: undefined };
    },
    check: "systemd",
    severity: "bad",
    found: /installed, and no user manager answers \(no socket\)/,
    next: /^export XDG_RUNTIME_DIR=\/run\/user\/\d+$/,
  },
  {
    name: "lingering is missing",
    plant: ({ machine }) => {
      machine.lingering = async () => "disabled";
      machine.enableLingering = async () => {
        machine.lingering = async () => "enabled";
      };
    },
    check: "lingering",
    found: /is disabled: the fleet ends with the last login of ada/,
    next: /^loginctl enable-linger ada$/,
    isMended: true,
  },
  {
    name: "the disk is full",
    plant: ({ machine }) => (machine.disk = (path) => ({ ...DISK, folder: path, freeBytes: 0 })),
    check: "disk",
    found: /no space is left/,
    next: /^df -h \//,
  },
  {
    name: "the disk is nearly full",
    plant: ({ machine }) => (machine.disk = (path) => ({ ...DISK, folder: path, freeBytes: 4e9 })),
    check: "disk",
    severity: "warn",
    found: /only 4 % of the disk are free/,
    next: /^df -h \//,
  },
  {
    name: "the disk is read-only",
    plant: (world) => (world.files = { ...world.files, writeProblem: async () => "EROFS" }),
    check: "disk",
    found: /on a disk that is read-only/,
    next: /^findmnt --target \//,
  },
  {
    name: "home is on a file system of a network",
    plant: ({ machine }) => (machine.networkFileSystem = () => "nfs"),
    check: "network-home",
    severity: "warn",
    found: /is on a network \(nfs\)/,
    next: /^export MOSAIC_HOME=/,
  },
  {
    name: "the limit of open files is low",
    plant: ({ machine }) => (machine.openFilesLimit = (pid) => (pid === undefined ? 256 : 65_536)),
    check: "open-files",
    severity: "warn",
    found: /this shell may hold 256 files/,
    next: /^ulimit -n 65536$/,
  },
  {
    name: "the node's limit of open files is low",
    plant: ({ machine }) => (machine.openFilesLimit = (pid) => (pid === 42 ? 512 : 65_536)),
    check: "open-files",
    severity: "warn",
    found: /mosaic-node may hold 512 files/,
    next: /^systemctl --user edit mosaic-node /,
  },
  {
    name: "the limit of watched files is low",
    plant: ({ machine }) => (machine.inotify = () => ({ watches: 1024, instances: 128 })),
    check: "inotify",
    severity: "warn",
    found: /1024 watches are few/,
    next: /^sudo sysctl fs\.inotify\.max_user_watches=/,
  },
  {
    name: "the locale is not UTF-8",
    plant: (world) => (world.env = { ...world.env, LC_ALL: "C" }),
    check: "locale",
    severity: "warn",
    found: /LC_ALL=C is not UTF-8/,
    next: /^export LC_ALL=C\.UTF-8$/,
  },
];
