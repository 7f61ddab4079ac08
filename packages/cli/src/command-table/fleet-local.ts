import type { Command } from "../command.ts";
import type { Argument } from "../parse/declared.ts";

const AGENTS: Argument = {
  name: "addr",
  help: "agents: [[tenant/]host/]agent; a short form must be unique",
  isOptional: true,
  isMany: true,
};

/** The commands of `mosaic fleet …` about what this host should run, and whether it does. */
export const fleetLocalCommands: readonly Command[] = [
  {
    path: ["fleet", "init"],
    summary: "prints or writes a first roster, and checks what a durable fleet needs",
    description: [
      "Prints an example roster; with --write it becomes this host's roster, $MOSAIC_HOME/fleet/roster.yaml. A roster that is there is never replaced without --force, which keeps the old one beside it as roster.yaml.bak-<UTC time>. --dry-run says what --write would do.",
      "--check looks at what the roster's agents will need, and says ok, warn or missing with the next command for each: tmux (3.2 at least, 3.7 advised), the systemd user manager, lingering, the program of every runtime on the PATH that a detached pane has, its hooks, and a disk that can be written. It changes nothing, prints the envelope mosaic.fleet.check/1 with --json, and exits with 1 when something is missing. After --write the same is told in short, without a say in the exit code.",
      "Agents don't run in your shell: a pane that systemd starts has only the system's PATH, in front of it the folders of MOSAIC_AGENT_PATH, the bin folder of npm's prefix (npm_config_prefix, NPM_CONFIG_PREFIX, or prefix= in ~/.npmrc), ~/.npm-global/bin and ~/.local/bin.",
    ].join("\n\n"),
    args: [],
    flags: [
      {
        name: "profile",
        kind: "choice",
        choices: ["minimal", "local-canary"],
        default: "minimal",
        help: "which example: one canary, or a lead, a coder and a reviewer",
      },
      { name: "write", kind: "boolean", help: "write it as this host's roster" },
      { name: "force", kind: "boolean", help: "replace a roster that is there; the old one is kept" },
      { name: "dry-run", kind: "boolean", help: "only say what --write would do" },
      { name: "check", kind: "boolean", help: "check this host; alone, or after --write" },
    ],
    examples: [
      { line: "mosaic fleet init --profile minimal", does: "look at the smallest roster" },
      { line: "mosaic fleet init --profile local-canary --write", does: "take it as this host's roster" },
      { line: "mosaic fleet init --check", does: "what is missing on this host for the roster that is there" },
    ],
    schema: "mosaic.fleet.init/1",
    load: () => import("../commands/fleet/init.ts"),
  },
  {
    path: ["fleet", "status"],
    summary: "shows the agents of this host in detail, with what to type next",
    description:
      "For each agent what systemd, tmux, its process and its heartbeat say, its conditions in words, and whether it counts as live (see fleet verify). It asks the node of this host, and when none answers it looks at the machine itself (via: direct). With --roster it goes by that roster: a node that goes by another one is not asked.",
    args: [AGENTS],
    flags: [],
    examples: [
      { line: "mosaic fleet status", does: "every agent of this host" },
      { line: "mosaic fleet status lead coder0", does: "two of them" },
    ],
    schema: "mosaic.fleet.status/1",
    load: () => import("../commands/fleet/status.ts"),
  },
  {
    path: ["fleet", "verify"],
    summary: "succeeds only when every agent that should be on is live",
    description: [
      "Live means: the roster names it, its pane lives and runs what the roster asks for, a heartbeat of whatever evidence came in time, and it is not dead, wedged or failed. That its unit is active proves nothing: active (exited) is the unit of a program that is gone.",
      "Without names it judges every core agent of the roster; ephemeral ones only when they are named. It prints one line for each agent that is not live, with the reason and the next command. --wait looks again until all are live or the time is over, and says on stderr what it waits for.",
      "Without --all-hosts it asks the node of this host, and when none answers it looks at the machine itself; with --roster it goes by that roster, and a node that goes by another one is not asked. With --all-hosts it asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host; a host that does not answer is a failure.",
      "It exits with 4 when no host answered, else with 3 when one did not, else with 1 when an agent is not live.",
    ].join("\n\n"),
    args: [AGENTS],
    flags: [
      { name: "wait", kind: "duration", value: "time", default: "0s", help: "how long to wait until all are live" },
      { name: "all-hosts", kind: "boolean", help: "every host of the fleet, not only this one" },
      { name: "tenant", kind: "texts", value: "names", help: "only these tenants" },
      { name: "host", kind: "texts", value: "names", help: "only these hosts, by name or host id" },
      { name: "live", kind: "boolean", help: "ask every host now instead of taking what is known" },
    ],
    examples: [
      { line: "mosaic fleet verify", does: "is this host's fleet up?" },
      { line: "mosaic fleet verify --all-hosts --wait 30s", does: "after a reboot: succeed as soon as the whole fleet is up" },
      { line: "mosaic fleet verify --json | jq '.items[] | select(.live | not)'", does: "what is not, for a script" },
    ],
    schema: "mosaic.fleet.verify/1",
    load: () => import("../commands/fleet/verify.ts"),
  },
];
