import type { AgentCard } from "@a2a-js/sdk";
import type { BriefAgent } from "../mcp/fleet-view.ts";

export interface AgentCardOptions {
  /** Where the agent is served, without a slash at its end. */
  readonly url: string;
  readonly version: string;
  /** True: callers have to show a token. */
  readonly needsToken: boolean;
}

/** How an agent of the fleet is introduced to A2A clients. It promises what every one of them can do: take a text and answer it. */
export function agentCard(agent: BriefAgent, { url, version, needsToken }: AgentCardOptions): AgentCard {
  const text = ["text/plain"];
  const kind = agent.runtime === "" ? "A coding agent" : `A coding agent (${agent.runtime})`;
  const description = [kind, agent.class && `in the role ${agent.class}`, "that Mosaic runs."].filter(Boolean).join(" ");
  const bearer = { description: "the token of this server", scheme: "Bearer", bearerFormat: "" };
  return {
    name: agent.address,
    description,
    version,
    provider: undefined,
    supportedInterfaces: ["1.0", "0.3"].map((protocolVersion) => ({
      url,
      protocolBinding: "JSONRPC",
      tenant: "",
      protocolVersion,
    })),
    capabilities: { streaming: true, pushNotifications: false, extensions: [], extendedAgentCard: false },
    securitySchemes: needsToken ? { bearer: { scheme: { $case: "httpAuthSecurityScheme", value: bearer } } } : {},
    securityRequirements: needsToken ? [{ schemes: { bearer: { list: [] } } }] : [],
    defaultInputModes: text,
    defaultOutputModes: text,
    skills: [
      {
        id: "prompt",
        name: "Take a prompt",
        description: "Takes a text as its next prompt, works on it in its own working copy, and answers when its turn has ended.",
        tags: ["coding", ...(agent.class === "" ? [] : [agent.class])],
        examples: ["Run the tests and say what fails."],
        ...{ inputModes: text, outputModes: text, securityRequirements: [] },
      },
    ],
    signatures: [],
  };
}
