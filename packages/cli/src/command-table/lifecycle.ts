import type { Command } from "../command.ts";
import type { Argument, Flag } from "../parse/declared.ts";

const AGENTS: Argument = { name: "agent", help: "names from this host's roster", isOptional: true, isMany: true };
const DRY_RUN: Flag = { name: "dry-run", kind: "boolean", help: "only say what would be done" };
const FRESH: Flag = { name: "fresh", kind: "boolean", help: "with a new conversation; the old one is forgotten" };
const CONVERSATION = "An agent that is started again goes on with its conversation, where its runtime can.";
const HOW =
  "Agents are kept by systemd where `mosaic fleet install-systemd` was run, and are tmux sessions alone elsewhere; the answer says which. Only the roster's own tmux socket is touched, never your default tmux server.";

/** The commands that start and end agents of this host, and install what keeps them. */
export const lifecycleCommands: readonly Command[] = [
  {
    path: ["fleet", "install-systemd"],
    summary: "puts units and scripts in place, so that the fleet survives a crash and a reboot",
    description: [
      "Makes three user units: mosaic-tmux-holder.service (the fleet's tmux server), mosaic-agent@.service (one instance an agent) and mosaic-node.service; the scripts they run, below $MOSAIC_HOME/framework; and for each agent its environment, its command line and its limits, below $MOSAIC_HOME/fleet/agents. Then it enables the holder, the node and every core agent, and reports whether the user's systemd lingers without a login. It starts nothing.",
      "An agent's process is the main process of its unit: when it ends systemd starts it again, later each time, and gives up after twelve tries within an hour (CRASH_LOOP).",
      "It can be repeated after every change of the roster or upgrade; `fleet start` and `fleet restart` refresh the files of the agents they start by themselves. Files of your own are never touched: <agent>.local.env (variables, such as keys), node.local.env, and drop-ins of the units. A unit that Mosaic did not make is not replaced without --force.",
    ].join("\n\n"),
    args: [],
    flags: [
      DRY_RUN,
      { name: "force", kind: "boolean", help: "replace units that somebody else made, or that serve another MOSAIC_HOME" },
      { name: "linger", kind: "boolean", help: "let the user's systemd run without a login (loginctl enable-linger)" },
      {
        name: "listen",
        kind: "texts",
        value: "addresses",
        help: "addresses the node serves besides its socket, for example http://127.0.0.1:8787; without it those that it has",
      },
    ],
    examples: [
      { line: "mosaic fleet install-systemd --dry-run", does: "see every file and unit first" },
      { line: "mosaic fleet install-systemd --linger && mosaic fleet start", does: "make the fleet durable, and start it" },
    ],
    schema: "mosaic.fleet.install/1",
    load: () => import("../commands/fleet/install-systemd.ts"),
  },
  {
    path: ["fleet", "uninstall-systemd"],
    summary: "takes away what install-systemd made, so that the fleet is no longer kept by systemd",
    description: [
      "Disables the fleet's units, removes their files, the agents' files below $MOSAIC_HOME/fleet/agents and the scripts below $MOSAIC_HOME/framework, and lets systemd read its units anew. It needs no roster. The roster, recordings and the audit log stay.",
      "What was changed since it was made is kept and named, unless --force is given. What is site-owned is always kept: <agent>.local.env, node.local.env, drop-ins of your own, units that Mosaic did not make or that serve another MOSAIC_HOME.",
      "It ends nothing: agents, node and tmux server run on, and nothing starts them again. With --stop they are ended first; the tmux server only when no session is left on it that is not an agent's.",
    ].join("\n\n"),
    args: [],
    flags: [
      DRY_RUN,
      { name: "stop", kind: "boolean", help: "end what runs of it first: agents, the node, the tmux server" },
      { name: "force", kind: "boolean", help: "remove also what was changed since it was made" },
    ],
    examples: [
      { line: "mosaic fleet uninstall-systemd --dry-run", does: "see what would go, and what would stay" },
      { line: "mosaic fleet uninstall-systemd --stop", does: "end the fleet on this host, and leave no unit behind" },
    ],
    schema: "mosaic.fleet.uninstall/1",
    load: () => import("../commands/fleet/uninstall-systemd.ts"),
  },
  {
    path: ["fleet", "start"],
    summary: "starts this host's agents: those that are named, or every core agent",
    description: `One that runs already is left alone and counts as success. Without names the node of this host is started too, where systemd keeps it. ${HOW} It exits with 1 when an agent could not be started; the others are started nevertheless. ${CONVERSATION}`,
    args: [AGENTS],
    flags: [FRESH, DRY_RUN],
    examples: [
      { line: "mosaic fleet start", does: "start every core agent" },
      { line: "mosaic fleet start lead coder0", does: "start two" },
    ],
    schema: "mosaic.fleet.start/1",
    load: () => import("../commands/fleet/start.ts"),
  },
  {
    path: ["fleet", "stop"],
    summary: "ends this host's agents: those that are named, or all of them",
    description: `Ends each agent with all it started, and its session. A session that no roster names can be ended by its name. The tmux server stays, unless --holder is given. ${HOW} What is enabled comes up again after a reboot.`,
    args: [AGENTS],
    flags: [{ name: "holder", kind: "boolean", help: "end the fleet's tmux server too, after all agents" }, DRY_RUN],
    examples: [
      { line: "mosaic fleet stop coder0", does: "end one" },
      { line: "mosaic fleet stop --holder", does: "end everything of this fleet on this host" },
    ],
    schema: "mosaic.fleet.stop/1",
    load: () => import("../commands/fleet/stop.ts"),
  },
  {
    path: ["fleet", "restart"],
    summary: "ends agents and starts them again, as the roster says now",
    description: `Those that are named, or every core agent; one that did not run is started. ${CONVERSATION} ${HOW}`,
    args: [AGENTS],
    flags: [FRESH, DRY_RUN],
    examples: [
      { line: "mosaic fleet restart coder0", does: "after a change of its entry in the roster" },
      { line: "mosaic fleet restart coder0 --fresh", does: "with nothing that was said before" },
    ],
    schema: "mosaic.fleet.restart/1",
    load: () => import("../commands/fleet/restart.ts"),
  },
  {
    path: ["agent", "start"],
    summary: "starts one core agent, or an ephemeral one for a lane of work",
    description: [
      `A core agent of that name is started as by \`mosaic fleet start\`. ${CONVERSATION}`,
      "With --ephemeral and --lane it is a worker. It is made from a roster entry: the one of that name, or the first of that class, ephemeral ones first. An ephemeral entry that is free becomes the worker itself; otherwise the worker is called <entry>.<lane>. It is shown with its lane in fleet ps, is not enabled, is not started again when it ends, and is ended with its lane: mosaic agent stop --lane <id>.",
      HOW,
    ].join("\n\n"),
    args: [{ name: "class|name", help: "a class or an agent of this host's roster" }],
    flags: [
      { name: "ephemeral", kind: "boolean", help: "for one lane of work" },
      { name: "lane", kind: "text", value: "id", help: "the lane, with --ephemeral" },
      FRESH,
      DRY_RUN,
    ],
    examples: [
      { line: "mosaic agent start implementer --ephemeral --lane issue-42", does: "another pair of hands for a lane" },
      { line: "mosaic agent start coder0 --fresh", does: "start it with a new conversation" },
    ],
    schema: "mosaic.agent.start/1",
    load: () => import("../commands/agent/start.ts"),
  },
  {
    path: ["agent", "stop"],
    summary: "ends one agent, or every worker of a lane",
    description: `A core agent that is ended comes up again after a reboot. ${HOW}`,
    args: [{ name: "agent", help: "a name from this host's roster, of a worker, or of a session", isOptional: true }],
    flags: [{ name: "lane", kind: "text", value: "id", help: "every worker of this lane" }, DRY_RUN],
    examples: [{ line: "mosaic agent stop --lane issue-42", does: "the lane is done: end its workers" }],
    schema: "mosaic.agent.stop/1",
    load: () => import("../commands/agent/stop.ts"),
  },
];
