import type { Command } from "../command.ts";
import type { Argument, Flag } from "../parse/declared.ts";

const HOST: Argument = {
  name: "host",
  help: "[tenant/]host by its name or its id, or an aggregator's name; a short form must be unique",
};
const ROLE: Flag = {
  name: "role",
  kind: "choice",
  value: "role",
  choices: ["node", "aggregator"],
  help: "which of the two is meant, where a name fits both",
};
const SOURCE_LABEL: Flag = {
  name: "source-label",
  kind: "text",
  value: "label",
  default: "<hostname>:operator",
  help: "who asks, for the audit",
};
const REASON: Flag = { name: "reason", kind: "text", value: "text", help: "why, for the audit and for who looks later" };
const WHERE =
  "It asks the aggregator, which keeps membership: --endpoint, else MOSAIC_ENDPOINT, else the one of this host. The change is in the audit log of its host before it counts, durable when the command ends, and survives its restarts. To repeat it changes nothing.";

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
  {
    path: ["host", "describe"],
    summary: "tells everything that is known of one host",
    description:
      "Its state and the reason, what is wrong with it, when it was heard, its agents by state, who expects it, every way to it, its id, version and clock. It exits with 4 when the host does not answer. It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node.",
    args: [{ name: "host", help: "[tenant/]host, by name or host id" }],
    flags: [
      { name: "all-hosts", kind: "boolean", help: "ask only whoever knows every host, never just the node of this host" },
      { name: "live", kind: "boolean", help: "ask the host now instead of taking what is known" },
    ],
    examples: [
      { line: "mosaic host describe team-a/beta", does: "why does it not answer, and since when?" },
      { line: "mosaic host describe beta --json | jq '.hosts[0].routes'", does: "every way to it, for a script" },
    ],
    schema: "mosaic.host.describe/1",
    load: () => import("../commands/host/describe.ts"),
  },
  {
    path: ["host", "add"],
    summary: "expects a host from now on, or under other addresses",
    description: [
      "From then on every answer names the host, whether it answers or not. The command says how it is now; that it can't be reached is no failure. Addresses that were added before are replaced; those in the membership file stay.",
      "With --role aggregator it is a further aggregator, under a name of your choice, with all hosts behind it.",
      WHERE,
    ].join("\n\n"),
    args: [{ name: "host", help: "<tenant>/<host> as the host itself says it; for an aggregator a name" }],
    flags: [
      { name: "address", kind: "texts", value: "addresses", help: "where it is, best first: 127.0.0.1:8787, unix:/path/to.sock" },
      { ...ROLE, help: "a host's node (without it), or a further aggregator" },
      { name: "host-id", kind: "text", value: "id", help: "its id, so that nobody else of that name is taken for it" },
      REASON,
      SOURCE_LABEL,
    ],
    examples: [
      { line: "mosaic host add team-a/delta --address 127.0.0.1:8790", does: "one more host" },
      {
        line: "mosaic host add eu --role aggregator --address unix:/run/mosaic/eu.sock",
        does: "a whole site, with its own aggregator",
      },
    ],
    schema: "mosaic.host.add/1",
    load: () => import("../commands/host/add.ts"),
  },
  {
    path: ["host", "rm"],
    summary: "expects a host no longer; nothing else ever takes one out of the answers",
    description: [
      "On a terminal it shows what would go and asks; elsewhere say --yes. Nothing on the host is touched. A host that the membership file names is refused: take it out of the file. A host behind a further aggregator is removed there.",
      WHERE,
    ].join("\n\n"),
    args: [HOST],
    flags: [
      { name: "yes", kind: "boolean", help: "do not ask" },
      { name: "dry-run", kind: "boolean", help: "only say what would go, or why it would be refused" },
      ROLE,
      REASON,
      SOURCE_LABEL,
    ],
    examples: [
      { line: "mosaic host rm team-a/gamma --dry-run", does: "what would go?" },
      { line: 'mosaic host rm team-a/gamma --yes --reason "returned to the vendor"', does: "it is gone for good" },
    ],
    schema: "mosaic.host.rm/1",
    load: () => import("../commands/host/rm.ts"),
  },
  {
    path: ["host", "drain"],
    summary: "shows a host as DRAINING: taken out of service on purpose",
    description: [
      "Every answer says so, with who did it and why, as long as the host answers. Its rows count, its agents go on, and messages reach them. A host of the membership file can be drained too. `mosaic host undrain` ends it.",
      WHERE,
    ].join("\n\n"),
    args: [HOST],
    flags: [ROLE, REASON, SOURCE_LABEL],
    examples: [{ line: 'mosaic host drain team-a/beta --reason "new kernel tonight"', does: "tell everybody who looks" }],
    schema: "mosaic.host.drain/1",
    load: () => import("../commands/host/drain.ts"),
  },
  {
    path: ["host", "undrain"],
    summary: "takes a host back into service",
    description: WHERE,
    args: [HOST],
    flags: [ROLE, REASON, SOURCE_LABEL],
    examples: [{ line: "mosaic host undrain team-a/beta", does: "it is done" }],
    schema: "mosaic.host.drain/1",
    load: () => import("../commands/host/undrain.ts"),
  },
];
