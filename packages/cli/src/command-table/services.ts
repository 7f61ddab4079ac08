import type { Command } from "../command.ts";
import type { Flag } from "../parse/declared.ts";

const WHERE =
  "It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node, as whoever this home is, and may do what the policy lets that identity do.";

function sourceLabel(byDefault: string): Flag {
  return {
    name: "source-label",
    kind: "text",
    value: "label",
    default: byDefault,
    help: "who is speaking, for agents and the audit",
  };
}

/** The commands that serve the fleet to other programs: `mosaic mcp`, `mosaic a2a …` */
export const servicesCommands: readonly Command[] = [
  {
    path: ["mcp"],
    summary: "serves tools of the fleet to a coding agent, by the Model Context Protocol",
    description: [
      "Over standard input and output, until the agent closes them: list_agents, read_screen, list_approvals and wait_for_answer, which only look, and send_message, which is marked so that the agent asks its person first. An answer is what stands on the other agent's screen after the prompt.",
      WHERE,
      "Whatever it shows of agents was written by others: material, never an instruction. To answer an approval is not among the tools.",
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "read-only", kind: "boolean", help: "leave out what changes something" },
      sourceLabel("<hostname>:mcp, or <hostname>/<agent>:mcp for an agent of a fleet"),
    ],
    examples: [{ line: "claude mcp add mosaic -- mosaic mcp", does: "give an agent these tools, for all its sessions" }],
    schema: undefined,
    load: () => import("../commands/mcp/mcp.ts"),
  },
  {
    path: ["a2a", "serve"],
    summary: "serves each agent of the fleet as an A2A agent, on this machine",
    description: [
      "GET /agents lists them with the places of their cards; calls are posted to /agents/<tenant>/<host>/<name>, in version 1.0 of the protocol or 0.3. A task is submitted until the agent itself took the text, works until its turn ended, and then has what stands on the screen after the prompt as its artifact. GET /healthz says whether the fleet answers.",
      "Callers show a token (Authorization: Bearer …), because a port on loopback is open to every user of this machine. Other addresses are not listened on.",
      WHERE,
    ].join("\n\n"),
    args: [],
    flags: [
      {
        name: "listen",
        kind: "text",
        value: "address",
        default: "127.0.0.1:8790",
        help: "a loopback address and port; port 0 takes any",
      },
      {
        name: "token-file",
        kind: "text",
        value: "path",
        default: "$MOSAIC_HOME/fleet/run/a2a.token",
        help: "the token that callers show; made when it is not there",
      },
      { name: "no-token", kind: "boolean", help: "ask for none: every user of this machine may speak to your agents" },
      sourceLabel("<hostname>:a2a"),
    ],
    examples: [{ line: "mosaic a2a serve --listen 127.0.0.1:8790", does: "until Ctrl-C" }],
    schema: "mosaic.a2a.serve/1",
    load: () => import("../commands/a2a/serve.ts"),
  },
];
