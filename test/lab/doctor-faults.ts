import type { DiskHost } from "./disk-host.ts";

/** A fault in a real host, and the way out of it. Programs are run as the tenant. */
export interface RealFault {
  readonly name: string;
  readonly plant: (host: DoctorHost) => Promise<unknown>;
  /** The check that names it. */
  readonly check: string;
  readonly found: RegExp;
  readonly next: RegExp;
  /** What is done about it: what the doctor says is next, typed into a shell; `doctor --fix`; or what somebody does who has seen
   *  what the next command shows. */
  readonly mend: "next" | "fix" | ((host: DoctorHost, shown: string) => Promise<unknown>);
}

/** A host with a fleet of one agent. */
export interface DoctorHost extends DiskHost {
  /** Runs a line in a shell of the tenant; fails unless it ends with 0. @returns what it printed */
  sh(line: string): Promise<string>;
  /** The same, however it ends. */
  shown(line: string): Promise<string>;
}

const FLEET = "$HOME/.config/mosaic/fleet";
const UNIT = "$HOME/.config/systemd/user/mosaic-node.service";
const CLOCK = `${UNIT}.d/clock.conf`;
const RESTART = "systemctl --user daemon-reload; systemctl --user restart mosaic-node";
/** Where nobody listens. */
const NOBODY = "127.0.0.1:9";
const HOSTS = (address: string) => `[{ targets: ["${address}"], labels: { host: beta, tenant: team-a } }]`;
/** The node believes that it is 10 min later: what it is, the kernel says to nobody else on this machine. */
const AHEAD = "const now = Date.now.bind(Date); Date.now = () => now() + 600000;";
const SQUATTER = 'require("net").createServer().listen(8787, "127.0.0.1")';

export const REAL_FAULTS: readonly RealFault[] = [
  {
    name: "missing lingering",
    plant: (host) => host.asRoot("rm", "/var/lib/systemd/linger/mlab-a"),
    check: "lingering",
    found: /is disabled: the fleet ends with the last login/,
    next: /^loginctl enable-linger/,
    mend: "fix",
  },
  {
    name: "a socket that others may connect to",
    plant: (host) => host.sh(`chmod 666 ${FLEET}/run/node.sock`),
    check: "sockets",
    found: /node\.sock has mode 666: others may connect/,
    next: /^chmod 600 /,
    mend: "next",
  },
  {
    name: "a unit file that was changed by hand",
    plant: (host) => host.sh(`echo '# by hand' >>${UNIT}; systemctl --user daemon-reload`),
    check: "unit-files",
    found: /mosaic-node\.service was changed since it was made/,
    next: /^mosaic fleet install-systemd {2}#/,
    mend: "next",
  },
  {
    name: "a stale hook",
    plant: (host) => host.sh(`echo '# of an older version' >>${FLEET.replace("/fleet", "")}/framework/runtimes/hook`),
    check: "hooks",
    found: /is not the one that this program ships/,
    next: /^mosaic fleet install-systemd$/,
    mend: "next",
  },
  {
    name: "a PATH in a detached pane that leads nowhere any more",
    plant: (host) => host.sh(`sed -i 's#^PATH=.*#PATH="/opt/node-that-was-removed/bin"#' ${FLEET}/agents/lead.env`),
    check: "pane-path",
    found: /in the pane of lead: /,
    next: /^mosaic fleet install-systemd && mosaic fleet restart lead$/,
    mend: "next",
  },
  {
    name: "a full disk",
    plant: (host) => host.shown("head -c 400000000 /dev/zero >$HOME/.config/filler"),
    check: "disk",
    found: /free|no space/,
    next: /^df -h /,
    mend: (host) => host.sh("rm $HOME/.config/filler"),
  },
  {
    name: "a port that another program has taken",
    plant: (host) => host.sh(`systemctl --user stop mosaic-node; systemd-run --user --unit=squatter node -e '${SQUATTER}'`),
    check: "port",
    found: /127\.0\.0\.1:8787 of mosaic-node\.service is taken by another program/,
    next: /^ss -ltnp 'sport = :8787'$/,
    mend: (host, shown) => host.sh(`kill ${/pid=(\d+)/.exec(shown)?.[1]}; ${RESTART}`),
  },
  {
    name: "a host of the membership file that can't be reached",
    plant: (host) => host.sh(`echo '${HOSTS(NOBODY)}' >${FLEET}/hosts.yaml`),
    check: "members",
    found: /^team-a\/beta can't be reached: http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\)$/,
    next: /^mosaic gateway probe --endpoint http:\/\/127\.0\.0\.1:9$/,
    mend: (host) => host.sh(`echo '${HOSTS("127.0.0.1:8787")}' >${FLEET}/hosts.yaml`),
  },
  {
    name: "a membership file that is cut short",
    plant: (host) => host.sh(`echo '[{ targets: [' >${FLEET}/hosts.yaml`),
    check: "membership",
    found: /hosts\.yaml: /,
    next: /^\$\{EDITOR:-vi\} .*hosts\.yaml$/,
    mend: (host) => host.sh(`echo '[]' >${FLEET}/hosts.yaml`),
  },
  {
    name: "a clock that is off",
    plant: async (host) => {
      await host.sh(`mkdir -p ${UNIT}.d && echo '${AHEAD}' >$HOME/ahead.mjs`);
      await host.sh(`printf '[Service]\\nEnvironment="NODE_OPTIONS=--import=%s/ahead.mjs"\\n' "$HOME" >${CLOCK}; ${RESTART}`);
      await host.nodeAnswers();
    },
    check: "clock",
    found: /clock is \d+ s behind the fleet's/,
    next: /^timedatectl$/,
    mend: async (host) => {
      await host.sh(`rm ${CLOCK}; ${RESTART}`);
      await host.nodeAnswers();
    },
  },
];
