import type { Command } from "../command.ts";
import type { Flag } from "../parse/declared.ts";

const WHERE =
  "It reads this host's files, $MOSAIC_HOME/fleet/audit.jsonl and what was put aside of it, and needs no node; with --store, what aggregators that share a database recorded.";
const STORE: Flag = {
  name: "store",
  kind: "text",
  value: "url",
  help: "the log that aggregators share there, as in mosaic-aggregator --store; the password comes from PGPASSFILE or PGPASSWORD",
};

/** `mosaic audit …` */
export const auditCommands: readonly Command[] = [
  {
    path: ["audit", "list"],
    summary: "lists what was done to the agents of this host, and by whom",
    description: `Oldest first. ${WHERE} It shows what stands there; whether that is as it was written, \`mosaic audit verify\` says.`,
    args: [],
    flags: [
      { name: "since", kind: "text", value: "time", help: "only what is not older: 1h, 30d" },
      {
        name: "action",
        kind: "texts",
        value: "actions",
        help: "only these: agent.reset, or agent for all that begin with agent.",
      },
      { name: "agent", kind: "texts", value: "names", help: "only these agents" },
      STORE,
      { name: "limit", short: "n", kind: "integer", value: "count", default: "1000", help: "the newest so many" },
      { name: "jsonl", kind: "boolean", help: "print JSON lines" },
      { name: "wide", kind: "boolean", help: "never cut or leave out columns" },
    ],
    examples: [
      { line: "mosaic audit list --since 1h", does: "the last hour" },
      { line: "mosaic audit list --action agent.attach,agent.detach --agent lead", does: "who took a terminal over" },
    ],
    schema: "mosaic.audit.list/1",
    load: () => import("../commands/audit/list.ts"),
  },
  {
    path: ["audit", "verify"],
    summary: "finds records that were changed, taken out, put in or moved",
    description: [
      "Each record holds the hash of the one before it, and a daemon that has credentials signs the chain every 1,000 records and every 60 s. Every problem is told with the index of its record and the line of the file; then what the log can't prove.",
      "It exits with 1 when there is a problem. An export, or another home's log, is looked through in place of this host's log when it is named; where audit.jsonl.head lies beside a log, records that were cut off at its end are found there too, and what was put aside of it is looked through with it. An export that begins behind its first record needs --known with the place before it, and one of a database --store for the certificates of who signed.",
      WHERE,
    ].join("\n\n"),
    args: [{ name: "file", help: "an export, or a log with its .head beside it; default: this host's log", isOptional: true }],
    flags: [
      {
        name: "known",
        kind: "texts",
        value: "index:hash",
        help: "where the log once stood, as you keep it elsewhere: the strongest proof there is",
      },
      {
        name: "root",
        kind: "texts",
        value: "files",
        help: "further roots that checkpoints are judged by: those that the fleet trusted before its root was changed",
      },
      STORE,
    ],
    examples: [
      { line: "mosaic audit verify", does: "is everything as it was written?" },
      { line: "mosaic audit verify --json | jq '.problems[]'", does: "each problem, for a script" },
      { line: "mosaic audit verify alpha.jsonl", does: "the same of an export" },
      { line: "mosaic audit verify --store postgres://mosaic@db/mosaic?sslmode=verify-full", does: "of what aggregators share" },
    ],
    schema: "mosaic.audit.verify/1",
    load: () => import("../commands/audit/verify.ts"),
  },
  {
    path: ["audit", "export"],
    summary: "writes the records out as JSON lines, for a collector",
    description: [
      "Each record is written as it stands, byte for byte, so that its hash holds; the last line says where the log ends (mosaic.audit.head/1). Indexes have no gaps: whoever collects them sees by them what is missing, and asks again with --after.",
      `A file that is there is never replaced without --force. ${WHERE}`,
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "file", short: "o", kind: "text", value: "path", default: "standard output", help: "the file to write" },
      { name: "after", kind: "integer", value: "index", help: "only the records behind this one" },
      STORE,
      { name: "force", kind: "boolean", help: "replace the file when it is there" },
    ],
    examples: [
      { line: "mosaic audit export --file alpha.jsonl", does: "the whole log" },
      { line: "mosaic audit export --after 1500 | curl -T - https://collector.example/alpha", does: "what came since" },
    ],
    schema: "mosaic.audit.export/1",
    load: () => import("../commands/audit/export.ts"),
  },
];
