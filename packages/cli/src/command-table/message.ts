import type { Command } from "../command.ts";
import type { Argument, Flag } from "../parse/declared.ts";

const ID: Argument = { name: "id", help: "the message's id" };
const ALL_HOSTS: Flag = {
  name: "all-hosts",
  kind: "boolean",
  help: "ask only whoever knows every host, never just the node of this host",
};
const SOURCE_LABEL: Flag = {
  name: "source-label",
  kind: "text",
  value: "label",
  default: "<hostname>:operator",
  help: "who asks, for the audit",
};
const BEGINNING = "Of the id the beginning is enough when no other of the newest thousand messages begins so.";
const WHERE = "It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node.";

/** `mosaic message …` */
export const messageCommands: readonly Command[] = [
  {
    path: ["message", "list"],
    summary: "lists messages to agents, newest first, and how far each has come",
    description: [
      "One line per message: its furthest state, what that rests on, its age by this machine's clock, and why it is held or failed. Messages are kept until 24 hours after their expiry.",
      "--state takes the states, `open` for everything that is not at its end, and `held` for what something holds back.",
      `${WHERE} Hosts that did not answer are named; then it exits with 3.`,
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "agent", kind: "texts", value: "addrs", help: "only messages to these agents: [[tenant/]host/]agent" },
      { name: "state", kind: "texts", value: "states", help: "only these: open, held, queued, unconfirmed, failed, …" },
      { name: "limit", kind: "integer", value: "count", default: "100", help: "how many, at most 1000" },
      ALL_HOSTS,
      { name: "allow-partial", kind: "boolean", help: "exit with 0 when some hosts did not answer" },
      { name: "jsonl", kind: "boolean", help: "print JSON lines" },
      { name: "wide", kind: "boolean", help: "never cut or leave out columns" },
    ],
    examples: [
      { line: "mosaic message list --state open", does: "what is still on its way" },
      { line: "mosaic message list --agent team-a/beta/coder0 --limit 20", does: "the newest to one agent" },
      {
        line: "mosaic message list --state unconfirmed,failed --json | jq -r '.items[].message_id'",
        does: "what somebody has to look at, for a script",
      },
    ],
    schema: "mosaic.message.list/1",
    load: () => import("../commands/message/list.ts"),
  },
  {
    path: ["message", "show"],
    summary: "shows one message: every step with its evidence, and the time between steps",
    description: `${BEGINNING} It exits with 3 when the agent's host does not answer and something may still happen to the message. ${WHERE}`,
    args: [ID],
    flags: [{ name: "text", kind: "boolean", help: "with its text" }, ALL_HOSTS],
    examples: [
      { line: "mosaic message show 019aa5b0-2c8e-7c41-9d0e-5b8f8a3d9c11", does: "where is it, and what says so?" },
      { line: "mosaic message show 019aa5b0 --text --json", does: "the same for a script, with the text" },
    ],
    schema: "mosaic.message.show/1",
    load: () => import("../commands/message/show.ts"),
  },
  {
    path: ["message", "cancel"],
    summary: "gives a message up that was not typed yet",
    description: `${BEGINNING} It exits with 1 when the message was typed, or had ended, before: what is typed can't be taken back. It can be repeated. ${WHERE}`,
    args: [ID],
    flags: [SOURCE_LABEL, ALL_HOSTS],
    examples: [{ line: "mosaic message cancel 019aa5b0-2c8e-7c41-9d0e-5b8f8a3d9c11", does: "it is not wanted any more" }],
    schema: "mosaic.message.cancel/1",
    load: () => import("../commands/message/cancel.ts"),
  },
  {
    path: ["message", "retry"],
    summary: "sends a message again that failed or expired",
    description: [
      "Under its own id, as one more attempt that its receipt counts. One that may have been taken (UNCONFIRMED, or FAILED(INDETERMINATE) after a crash) is refused: look with `mosaic agent tail` first, and say --may-duplicate when you know that it was not.",
      `${BEGINNING} ${WHERE}`,
    ].join("\n\n"),
    args: [ID],
    flags: [
      { name: "may-duplicate", kind: "boolean", help: "also when it may have been taken: the agent may see it twice" },
      SOURCE_LABEL,
      ALL_HOSTS,
    ],
    examples: [{ line: "mosaic message retry 019aa5b0-2c8e-7c41-9d0e-5b8f8a3d9c11", does: "the draft is gone: try again" }],
    schema: "mosaic.message.retry/1",
    load: () => import("../commands/message/retry.ts"),
  },
  {
    path: ["message", "watch"],
    summary: "follows messages, and prints a line for each step they take",
    description: [
      "With ids it ends when each of them is at its end, and exits with 0 when all were answered, with 6 otherwise. Without, it follows every message that is not at its end and every new one, until Ctrl-C. A stream that breaks is opened again.",
      "--json and --jsonl print one JSON line per step (mosaic.message.receipt/1).",
      WHERE,
    ].join("\n\n"),
    args: [{ ...ID, isOptional: true, isMany: true }],
    flags: [
      { name: "agent", kind: "texts", value: "addrs", help: "only messages to these agents: [[tenant/]host/]agent" },
      { name: "jsonl", kind: "boolean", help: "as --json" },
      ALL_HOSTS,
    ],
    examples: [
      { line: "mosaic message watch 019aa5b0-2c8e-7c41-9d0e-5b8f8a3d9c11", does: "wait for its end" },
      { line: "mosaic message watch --json | jq -r .receipt.state", does: "every step of every message" },
    ],
    schema: "mosaic.message.receipt/1",
    load: () => import("../commands/message/watch.ts"),
  },
  {
    path: ["message", "repair"],
    summary: "sets a message store aside that its daemon refuses",
    description: [
      "A daemon whose messages lie in a damaged file, or in one of a newer version, takes none (STORE_UNAVAILABLE) and leaves the file as it is. Stop that daemon, repair, and start it again: it begins with an empty store. Nothing is deleted: the file keeps what it has, beside its old place, under a name with the time, where the tools of SQLite can read it.",
      "It says what was kept where, and which messages that can still be read were on their way: nobody carries or types those any more. A sound store stays where it is, and so does one whose disk is full or read-only: there is nothing in it to repair. Each move is on record in the audit log before. It works on this host's files, $MOSAIC_HOME/fleet/messages: the inbox of its node and the outbox of its aggregator.",
    ].join("\n\n"),
    args: [],
    flags: [{ name: "dry-run", kind: "boolean", help: "only say what would be set aside" }],
    examples: [
      { line: "mosaic message repair --dry-run", does: "what is wrong, and what would be lost" },
      { line: "mosaic message repair --json | jq -r '.items[].unfinished[].message_id'", does: "what has to be sent again" },
    ],
    schema: "mosaic.message.repair/1",
    load: () => import("../commands/message/repair.ts"),
  },
];
