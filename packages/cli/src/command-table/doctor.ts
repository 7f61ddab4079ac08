import type { Command } from "../command.ts";

/** The commands for who wants to know how it stands, and what is wrong. */
export const doctorCommands: readonly Command[] = [
  {
    path: ["status"],
    summary: "shows on one screen how this host and its fleet stand, and what needs a hand",
    description: [
      "This host, its node, its aggregator if it has one, hosts and agents by state, what needs a hand with the next command for each, and the one to begin with. It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node; where none answers it looks at this host itself.",
      "It exits with 4 when nobody could tell or no host answers, and with 3 when some hosts do not. What needs a hand does not count: that is `mosaic health`. For agents one by one see `mosaic fleet ps`.",
    ].join("\n\n"),
    args: [],
    flags: [],
    examples: [{ line: "mosaic status", does: "how it stands, and what to do next" }],
    schema: "mosaic.status/1",
    load: () => import("../commands/status/status.ts"),
  },
  {
    path: ["health"],
    summary: "says in one line, and in its exit code, whether the fleet is healthy",
    description:
      "For scripts and probes. Healthy (exit 0) is: every expected host answers, every core agent of the rosters is live, and nobody says that something is wrong. 3: some of that is not so. 4: nobody answered, or no host. It asks whoever serves the fleet, and never looks past it.",
    args: [],
    flags: [],
    examples: [
      { line: "mosaic health", does: "one line for a person" },
      { line: "mosaic health --timeout 2s --json", does: "for a monitor" },
    ],
    schema: "mosaic.health/1",
    load: () => import("../commands/status/health.ts"),
  },
  {
    path: ["doctor"],
    summary: "finds what is wrong on this host, says why it matters and what to type next",
    description: [
      "Looks at the machine (tmux, systemd, lingering, disk, limits, locale), at the fleet's files (owners and modes, roster, hooks, heartbeats, messages, identity, policy, units) and at what the daemons say (versions, addresses, clocks, hosts, conditions). It needs no roster, no node and no tmux: those may be what is wrong. Nothing is changed.",
      "With --fix it does what can't do harm, one after the other, each on record in the audit log before it is done: modes of Mosaic's own files, its missing folders, what a killed daemon left, missing hooks, a daemon-reload, lingering where that is permitted. Everything else stays with you, with the command to type.",
      "It exits with 1 when something is bad, and with 3 when nothing is and something could not be looked at.",
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "fix", kind: "boolean", help: "mend what can be mended without harm" },
      { name: "all", kind: "boolean", help: "show what is in order too" },
      { name: "only", kind: "texts", value: "checks", help: "only these, by name" },
    ],
    examples: [
      { line: "mosaic doctor", does: "what is wrong here, and what to do" },
      { line: "mosaic doctor --only tmux,lingering,disk --all", does: "three checks, whatever they find" },
    ],
    schema: "mosaic.doctor/1",
    load: () => import("../commands/doctor/doctor.ts"),
  },
  {
    path: ["logs"],
    summary: "prints what this host's daemons wrote, oldest first",
    description:
      "The node and the aggregator of this home, by time. They are read from the journal where systemd keeps the daemons, and from node.log and aggregator.log in MOSAIC_HOME where they were started with their output there, as the demo's are. What is no line of a daemon's own, such as the stack of a crash, counts as an error. For agents see `mosaic agent tail`, for who did what `mosaic audit list`.",
    args: [],
    flags: [
      {
        name: "tail",
        short: "n",
        kind: "integer",
        value: "count",
        default: "120",
        help: "how many lines, counted from the last",
      },
      { name: "follow", kind: "boolean", help: "stay, and print lines as they are written" },
      {
        name: "level",
        kind: "choice",
        choices: ["debug", "info", "warn", "error"],
        help: "only these and worse",
        default: "debug",
      },
      { name: "role", kind: "choice", choices: ["node", "aggregator"], help: "only this daemon" },
      { name: "jsonl", kind: "boolean", help: "print JSON lines" },
    ],
    examples: [
      { line: "mosaic logs --level warn", does: "what went wrong lately" },
      { line: "mosaic logs --follow --role node", does: "what the node does now" },
    ],
    schema: "mosaic.logs/1",
    load: () => import("../commands/logs/logs.ts"),
  },
  {
    path: ["events"],
    summary: "prints what was done on this host, as it stands on record, and as it comes",
    description:
      "The newest records of this host's audit log: who started, stopped, attached, sent, approved, changed policy or put an event of its own there (`mosaic system event`). It is durable, and outlives every daemon. To filter by time or agent, and for older files, see `mosaic audit list`; that nobody changed it `mosaic audit verify` tells.",
    args: [],
    flags: [
      { name: "tail", short: "n", kind: "integer", value: "count", default: "50", help: "how many, counted from the last" },
      { name: "follow", kind: "boolean", help: "stay, and print each as it comes" },
      {
        name: "action",
        kind: "texts",
        value: "actions",
        help: "only these: agent.reset, or agent for all that begin with agent.",
      },
      { name: "jsonl", kind: "boolean", help: "print JSON lines" },
    ],
    examples: [
      { line: "mosaic events --follow", does: "watch what people and programs do here" },
      { line: "mosaic events --action event --jsonl", does: "your own events, for a program" },
    ],
    schema: "mosaic.events/1",
    load: () => import("../commands/events/events.ts"),
  },
  {
    path: ["system", "event"],
    summary: "puts an event of your own on record on this host",
    description:
      "For scripts and other programs: a deployment, a backup, a handover. It stands in the audit log as event.<name>, with your flat data, and `mosaic events` shows it. Don't put secrets there: records are never taken out.",
    args: [{ name: "name", help: "lower case with dots, for example deploy.done" }],
    flags: [{ name: "data", kind: "text", value: "json", help: "a flat object of texts, numbers, true and false" }],
    examples: [{ line: `mosaic system event deploy.done --data '{"version":"1.2.3"}'`, does: "say that it is done" }],
    schema: "mosaic.system.event/1",
    load: () => import("../commands/system/event.ts"),
  },
];
