import type { Command } from "../command.ts";

/** The commands of `mosaic agent …` that only look. */
export const agentLocalCommands: readonly Command[] = [
  {
    path: ["agent", "roster"],
    summary: "lists the agents of the roster file, as Mosaic understands it",
    description:
      "Reads the file and nothing else: no daemon is asked, and nothing is said of what runs. Every default is filled in. What is wrong with the file is told with line and column.",
    args: [],
    flags: [],
    examples: [
      { line: "mosaic agent roster", does: "which agents should exist on this host" },
      { line: "mosaic agent roster --roster ./roster.yaml", does: "check a roster before it is taken" },
    ],
    schema: "mosaic.agent.roster/1",
    load: () => import("../commands/agent/roster.ts"),
  },
  {
    path: ["agent", "status"],
    summary: "shows one agent in detail, or every agent that is known",
    description:
      "What systemd, tmux, its process and its heartbeat say of it, its conditions in words, and what to type next. It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node; when none answers it looks at the machine itself.",
    args: [{ name: "addr", help: "the agent: [[tenant/]host/]agent; a short form must be unique", isOptional: true }],
    flags: [
      {
        name: "all-hosts",
        kind: "boolean",
        help: "ask only whoever knows every host, never just the node of this host",
      },
    ],
    examples: [
      { line: "mosaic agent status lead", does: "why is it not doing anything?" },
      { line: "mosaic agent status team-a/beta/reviewer0 --json", does: "the same for a script" },
    ],
    schema: "mosaic.agent.status/1",
    load: () => import("../commands/agent/status.ts"),
  },
];
