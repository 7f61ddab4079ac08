import type { Command } from "../command.ts";
import type { Argument, Flag } from "../parse/declared.ts";

const ALL_HOSTS: Flag = {
  name: "all-hosts",
  kind: "boolean",
  help: "ask only whoever knows every host, never just the node of this host",
};
const DECIDE_ARGS: readonly Argument[] = [
  { name: "addr", help: "the agent: [[tenant/]host/]agent; a short form must be unique" },
  { name: "request-id", help: "which of its requests; see mosaic agent approvals list", isOptional: true },
];
const WHERE = "It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node.";
const ANSWERED =
  "The answer is written to the audit log of the agent's host before it is passed on. It exits with 0 when the agent was seen to take it, with 6 when it was handed over and nothing was heard yet, and with 1 when the agent does not ask for that (any more), or when only its terminal can answer: then it names the command to attach.";

function decideFlags(comment: string): readonly Flag[] {
  return [
    { name: "only", kind: "boolean", help: "the only request there is; refused when there are more" },
    { name: "comment", kind: "text", value: "text", help: comment },
    {
      name: "source-label",
      kind: "text",
      value: "label",
      default: "<hostname>:operator",
      help: "who decides, for the audit",
    },
    ALL_HOSTS,
  ];
}

/** The commands of `mosaic agent …` that answer what an agent asks leave for. */
export const approvalsCommands: readonly Command[] = [
  {
    path: ["agent", "approvals", "list"],
    summary: "lists what agents ask leave for, or wait for a person with",
    description: [
      "One line per request: the agent, how long it has waited, the request's id and what it wants to do. Agents that wait with a question no machine can answer are listed too, marked `at its terminal`.",
      `${WHERE} Hosts that did not answer are named; then it exits with 3, and with 4 when none did.`,
    ].join("\n\n"),
    args: [],
    flags: [
      ALL_HOSTS,
      { name: "tenant", kind: "texts", value: "names", help: "only these tenants" },
      { name: "host", kind: "texts", value: "names", help: "only these hosts, by name or host id" },
      { name: "allow-partial", kind: "boolean", help: "exit with 0 when some hosts did not answer" },
      { name: "wide", kind: "boolean", help: "never cut or leave out columns" },
    ],
    examples: [
      { line: "mosaic agent approvals list --all-hosts", does: "who in the whole fleet waits for me?" },
      { line: "mosaic agent approvals list --json | jq '.items[] | select(.answerable)'", does: "the same for a script" },
    ],
    schema: "mosaic.agent.approvals/1",
    load: () => import("../commands/agent/approvals-list.ts"),
  },
  {
    path: ["agent", "approve"],
    summary: "allows what an agent asks leave for, this once",
    description: [ANSWERED, WHERE].join("\n\n"),
    args: DECIDE_ARGS,
    flags: decideFlags("a word with it, for runtimes that pass one on"),
    examples: [
      { line: "mosaic agent approve team-a/beta/coder0 toolu_01A2", does: "that request and no other" },
      { line: "mosaic agent approve coder0 --only", does: "the one thing it asks for" },
    ],
    schema: "mosaic.agent.decide/1",
    load: () => import("../commands/agent/approve.ts"),
  },
  {
    path: ["agent", "deny"],
    summary: "refuses what an agent asks leave for",
    description: [ANSWERED, WHERE].join("\n\n"),
    args: DECIDE_ARGS,
    flags: decideFlags("why, for the agent"),
    examples: [
      { line: 'mosaic agent deny coder0 toolu_01A2 --comment "use the staging database"', does: "no, and what to do instead" },
    ],
    schema: "mosaic.agent.decide/1",
    load: () => import("../commands/agent/deny.ts"),
  },
];
