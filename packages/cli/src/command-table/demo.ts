import type { Command } from "../command.ts";
import type { Flag } from "../parse/declared.ts";

const SIZE_FLAGS: readonly Flag[] = [
  { name: "hosts", kind: "integer", value: "count", default: "3", help: "hosts of the fleet, 1 to 12" },
  { name: "agents", kind: "integer", value: "count", default: "3", help: "agents on each host, 1 to 100" },
];

const DIR_FLAG: Flag = {
  name: "dir",
  kind: "text",
  value: "folder",
  default: "a folder of your own for demos",
  help: "where the demo lives",
};

const WHAT = [
  "A demo is a fleet on this machine: per host a node, a MOSAIC_HOME and a tmux server of its own with stub agents in it, and one aggregator over all of them.",
  "Everything is real but the agents, and all of it is below one folder.",
].join(" ");

/** `mosaic demo …` */
export const demoCommands: readonly Command[] = [
  {
    path: ["demo", "run"],
    summary: "brings a fleet up, shows it until Ctrl-C, and leaves nothing behind",
    description: `${WHAT}\n\nThis is what npm start does.`,
    args: [],
    flags: [...SIZE_FLAGS, { name: "once", kind: "boolean", help: "show it once and end it" }],
    examples: [
      { line: "mosaic demo run", does: "three hosts, live" },
      { line: "mosaic demo run --once --json", does: "one answer, for a script" },
    ],
    schema: "mosaic.fleet.ps/1",
    load: () => import("../commands/demo/run.ts"),
  },
  {
    path: ["demo", "up"],
    summary: "brings a fleet up, or what is missing of one, and leaves it running",
    description: `${WHAT}\n\nRun it again to start what was killed; what runs is left alone.`,
    args: [],
    flags: [...SIZE_FLAGS, DIR_FLAG],
    examples: [{ line: "mosaic demo up --hosts 4 --agents 2", does: "a larger fleet of smaller hosts" }],
    schema: "mosaic.demo/1",
    load: () => import("../commands/demo/up.ts"),
  },
  {
    path: ["demo", "ps"],
    summary: "lists the processes of a demo, so that you can kill one",
    description:
      "Every daemon with its role, host, pid, endpoint and home; one that was stopped (kill -STOP) is marked, with what makes it go on. To see the agents, point fleet ps at the demo's folder with --mosaic-home.",
    args: [],
    flags: [DIR_FLAG],
    examples: [{ line: "mosaic demo ps --json", does: "the same for a script" }],
    schema: "mosaic.demo/1",
    load: () => import("../commands/demo/ps.ts"),
  },
  {
    path: ["demo", "down"],
    summary: "ends a demo and removes its folder",
    description:
      "Ends the daemons, the tmux servers with their agents, and the folder. What can't be ended is named, and the folder stays so that you can try again.",
    args: [],
    flags: [DIR_FLAG],
    examples: [{ line: "mosaic demo down", does: "ends the demo that demo up started" }],
    schema: "mosaic.demo/1",
    load: () => import("../commands/demo/down.ts"),
  },
];
