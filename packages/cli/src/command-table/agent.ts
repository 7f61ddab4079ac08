import type { Command } from "../command.ts";
import type { Argument, Flag } from "../parse/declared.ts";

const ADDRESS: Argument = { name: "addr", help: "the agent: [[tenant/]host/]agent; a short form must be unique" };
const ALL_HOSTS: Flag = {
  name: "all-hosts",
  kind: "boolean",
  help: "ask only whoever knows every host, never just the node of this host",
};
const WHERE = "It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node.";

/** `mosaic agent …` */
export const agentCommands: readonly Command[] = [
  {
    path: ["agent", "send"],
    summary: "puts a text before an agent as its next prompt, and says what is known of its way",
    description: [
      "A message only moves forward: QUEUED and DELIVERED (durable where it was sent from, and on the agent's host), TYPED, ENTERED (submitted), ACCEPTED (the agent itself reported that very text), ANSWERED (its turn ended); or it ends as FAILED or EXPIRED, or nobody can tell: UNCONFIRMED. Keystrokes prove nothing, so without --verify a message is ENTERED and no more.",
      "It waits for the state of --wait, or with --verify for ACCEPTED, and exits with 6 when that is not reached: not yet, not confirmed, or not any more. Without either, a message that FAILED exits with 1. UNCONFIRMED means that the text may have been taken: look with `mosaic agent tail` before sending it again.",
      "Once it is QUEUED or DELIVERED it outlives this command, a crash and a reboot. A message for a host that is down, or for an agent with a draft in its composer, is held and tried until --expires; the answer says why, and `mosaic message` lists, follows, cancels and retries what was sent. Ctrl-C ends the wait and not the message.",
      "The message's id is made before the first attempt. To repeat an attempt of unknown outcome, repeat it with the same --id: what was typed once is not typed again.",
      WHERE,
    ].join("\n\n"),
    args: [ADDRESS],
    flags: [
      { name: "message", short: "m", kind: "text", value: "text", help: "the text" },
      {
        name: "file",
        short: "f",
        kind: "text",
        value: "path",
        help: "take the text from a file, - for standard input; one line break at its end is dropped",
      },
      { name: "verify", kind: "boolean", help: "wait until the agent took it; exit 6 unless it did" },
      {
        name: "wait",
        kind: "choice",
        choices: ["queued", "delivered", "entered", "accepted", "answered"],
        default: "entered",
        help: "the state to wait for; exit 6 unless it is reached",
      },
      { name: "timeout", kind: "duration", value: "time", default: "10s", help: "how long to wait for that state" },
      {
        name: "expires",
        kind: "duration",
        value: "time",
        default: "24h",
        help: "for how long it may still be put before the agent, at most 7d",
      },
      { name: "id", kind: "text", value: "id", default: "a new UUIDv7", help: "the message's id" },
      {
        name: "at-least-once",
        kind: "boolean",
        help: "after a crash that leaves open whether it was typed, type it again: the agent may see it twice",
      },
      {
        name: "source-label",
        kind: "text",
        value: "label",
        default: "<hostname>:operator",
        help: "who is speaking, for the agent and the audit",
      },
      ALL_HOSTS,
    ],
    examples: [
      { line: 'mosaic agent send lead --message "run the tests" --verify', does: "send, and know that it was taken" },
      {
        line: "git diff | mosaic agent send team-a/beta/reviewer0 --file - --wait answered --timeout 5m",
        does: "send a text from a pipe and wait for the turn's end",
      },
      {
        line: 'mosaic agent send beta/coder0 -m "rebase, please" --wait queued --expires 1h',
        does: "leave a message for an agent whose host may be down",
      },
    ],
    schema: "mosaic.agent.send/1",
    load: () => import("../commands/agent/send.ts"),
  },
  {
    path: ["agent", "tail"],
    summary: "prints an agent's recent text",
    description: `Works for full-screen programs too: then the lines are of the screen. Escapes are taken out. ${WHERE}`,
    args: [ADDRESS],
    flags: [
      {
        name: "lines",
        short: "n",
        kind: "integer",
        value: "count",
        default: "80",
        help: "how many lines, counted from the last that holds text",
      },
      { name: "follow", kind: "boolean", help: "stay, and print lines as they appear" },
      { name: "jsonl", kind: "boolean", help: "print JSON lines, one per message of the server" },
      ALL_HOSTS,
    ],
    examples: [
      { line: "mosaic agent tail team-a/alpha/lead -n 200", does: "the last 200 lines" },
      { line: "mosaic agent tail lead --follow", does: "keep reading" },
    ],
    schema: "mosaic.agent.tail/1",
    load: () => import("../commands/agent/tail.ts"),
  },
  {
    path: ["agent", "watch"],
    summary: "shows an agent's live screen, read-only",
    description: [
      "Draws the agent's terminal at its own size, cropped to yours. Nothing can be typed to the agent from here, and its window keeps its size: there is no way back on this connection. q, Esc or Ctrl-C ends.",
      WHERE,
    ].join("\n\n"),
    args: [ADDRESS],
    flags: [ALL_HOSTS],
    examples: [{ line: "mosaic agent watch team-a/alpha/lead", does: "look over an agent's shoulder" }],
    schema: undefined,
    load: () => import("../commands/agent/watch.ts"),
  },
  {
    path: ["agent", "attach"],
    summary: "takes an agent's terminal over: what you type goes to the agent",
    description: [
      "Draws the agent's terminal at its own size, cropped to yours, and passes on every key as it is, Ctrl-C too. Ctrl-] leaves, and the agent goes on; Ctrl-] Ctrl-] is one Ctrl-] for the agent. The agent's window keeps its size.",
      "This is the only command that types keys. Its begin and end are written to the audit log of the agent's host ($MOSAIC_HOME/fleet/audit.jsonl) with who says to be typing and how many bytes, never which; when that can't be written nobody is attached. To look only, use `mosaic agent watch`; for a text, `mosaic agent send`, which tells whether it arrived.",
      WHERE,
    ].join("\n\n"),
    args: [ADDRESS],
    flags: [
      {
        name: "source-label",
        kind: "text",
        value: "label",
        default: "<hostname>:operator",
        help: "who is typing, for the audit and for others who are attached",
      },
      ALL_HOSTS,
    ],
    examples: [{ line: "mosaic agent attach team-a/alpha/lead", does: "answer an agent's question by hand" }],
    schema: undefined,
    load: () => import("../commands/agent/attach.ts"),
  },
  {
    path: ["agent", "reset"],
    summary: "starts a fresh conversation in exactly one agent",
    description: [
      "Types the runtime's own reset command (/clear for claude and codex, /new for pi; `runtimes.<name>.reset_command` in the roster says otherwise), in line with the messages to the agent and with their guards: nothing is typed over a draft or into a dead pane. What the agent knew of its conversation is gone, so --new has to be said. It is written to the audit log of the agent's host.",
      "A reset is ENTERED and no more unless the runtime reports it: --wait accepted exits with 6 when it does not. To repeat one of unknown outcome, repeat it with the same --id.",
      WHERE,
    ].join("\n\n"),
    args: [ADDRESS],
    flags: [
      { name: "new", kind: "boolean", help: "yes, a new conversation; required" },
      {
        name: "wait",
        kind: "choice",
        choices: ["entered", "accepted", "answered"],
        default: "entered",
        help: "the state to wait for",
      },
      { name: "timeout", kind: "duration", value: "time", default: "10s", help: "how long to wait for that state" },
      { name: "id", kind: "text", value: "id", default: "a new UUIDv7", help: "the reset's id" },
      {
        name: "source-label",
        kind: "text",
        value: "label",
        default: "<hostname>:operator",
        help: "who is speaking, for the audit",
      },
      ALL_HOSTS,
    ],
    examples: [{ line: "mosaic agent reset team-a/beta/reviewer0 --new", does: "give a reviewer a clean slate" }],
    schema: "mosaic.agent.reset/1",
    load: () => import("../commands/agent/reset.ts"),
  },
];
