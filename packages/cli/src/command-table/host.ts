import type { Command } from "../command.ts";

/** `mosaic host …` */
export const hostCommands: readonly Command[] = [
  {
    path: ["host", "list"],
    summary: "lists every expected host, with its state and its age",
    description:
      "Membership is not reachability: a host that does not answer is listed with the reason. It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node, which knows only itself. It exits with 3 when a host is missing, and with 4 when none answered.",
    args: [],
    flags: [
      { name: "all-hosts", kind: "boolean", help: "ask only whoever knows every host, never just the node of this host" },
      { name: "tenant", kind: "texts", value: "names", help: "only these tenants" },
      { name: "host", kind: "texts", value: "names", help: "only these hosts, by name or host id" },
      { name: "live", kind: "boolean", help: "ask every host now instead of taking what is known" },
      {
        name: "max-age",
        kind: "duration",
        value: "time",
        help: "call the answer incomplete when a host was last heard from longer ago",
      },
      { name: "allow-partial", kind: "boolean", help: "exit with 0 when some hosts did not answer" },
      { name: "jsonl", kind: "boolean", help: "print JSON lines" },
      { name: "wide", kind: "boolean", help: "never cut or leave out columns" },
    ],
    examples: [{ line: "mosaic host list", does: "which hosts there are and how they are" }],
    schema: "mosaic.host.list/1",
    load: () => import("../commands/host/list.ts"),
  },
];
