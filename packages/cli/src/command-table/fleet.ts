import type { Command } from "../command.ts";
// The one command that is not behind import(): it is typed all day, and an import() costs 5 ms of its 20.
import * as ps from "../commands/fleet/ps.ts";

/** `mosaic fleet …` */
export const fleetCommands: readonly Command[] = [
  {
    path: ["fleet", "ps"],
    summary: "lists every agent of this host, or of the whole fleet, and says what is missing",
    description: [
      "One line per agent, joined from systemd, tmux, the process table and heartbeats; sessions that no roster names are listed too.",
      "Without --all-hosts it asks the node of this host, and when none answers it looks at the machine itself (via: direct); with --roster it goes by that roster, and a node that goes by another one is not asked. With --all-hosts it asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host.",
      "Words in capitals are the mesh's, words in lower case the agent's own: a STALE agent is one whose host can't be vouched for now, and NOTES says what it was last seen doing. Every expected host that is not LIVE has a line of its own, with the reason.",
      "It exits with 3 when the answer is partial, and with 4 when no host answered; with --strict also when more than half did not.",
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "all-hosts", kind: "boolean", help: "every host of the fleet, not only this one" },
      { name: "tenant", kind: "texts", value: "names", help: "only these tenants" },
      { name: "host", kind: "texts", value: "names", help: "only these hosts, by name or host id" },
      { name: "live", kind: "boolean", help: "ask every host now instead of taking what is known" },
      { name: "max-age", kind: "duration", value: "time", help: "call the answer incomplete when a host's rows are older" },
      { name: "allow-partial", kind: "boolean", help: "exit with 0 when some hosts did not answer" },
      { name: "strict", kind: "boolean", help: "exit with 4 when more than half of the hosts did not answer" },
      { name: "watch", kind: "boolean", help: "stay, and show every change; q or Ctrl-C ends" },
      { name: "jsonl", kind: "boolean", help: "print JSON lines; with --watch one per change (mosaic.fleet.watch/1)" },
      { name: "wide", kind: "boolean", help: "never cut or leave out columns" },
    ],
    examples: [
      { line: "mosaic fleet ps --all-hosts", does: "the whole fleet" },
      { line: "mosaic fleet ps --all-hosts --watch", does: "the same, kept up to date" },
      {
        line: "mosaic fleet ps --all-hosts --json | jq '.hosts[] | select(.state != \"LIVE\")'",
        does: "the hosts that are missing",
      },
      { line: "mosaic fleet ps --all-hosts --live --max-age 10s", does: "fail unless every host is known as of the last 10 s" },
    ],
    schema: "mosaic.fleet.ps/1",
    load: async () => ps,
  },
];
