import { AgentCard, type SendMessageRequest } from "@a2a-js/sdk";
import { LegacyJsonRpcTransportHandler } from "@a2a-js/sdk/compat/v0_3/server";
import { UnsupportedOperationError } from "@a2a-js/sdk/errors";
import { DefaultRequestHandler, JsonRpcTransportHandler, type ServerCallContext } from "@a2a-js/sdk/server";
import { type Fleet, MosaicError } from "@mosaic/client";
import { parseAddress } from "@mosaic/core/light";
import { type BriefAgent, briefFleet } from "../mcp/fleet-view.ts";
import { agentCard } from "./agent-card.ts";
import { BoundedTaskStore } from "./bounded-task-store.ts";
import { fleetExecutor } from "./fleet-executor.ts";

export interface AgentDeskOptions {
  readonly fleet: Fleet;
  /** Where this server is reached, without a slash at its end. */
  readonly baseUrl: string;
  readonly version: string;
  readonly needsToken: boolean;
  readonly signal: AbortSignal;
}

/** One agent's place in A2A. */
export interface Desk {
  /** In the form that clients of both versions of the protocol read. */
  readonly card: object;
  readonly current: JsonRpcTransportHandler;
  /** For clients of version 0.3. */
  readonly legacy: LegacyJsonRpcTransportHandler;
}

/** The agents of the fleet as A2A servers, each made when it is first asked for. */
export class AgentDesks {
  readonly #options: AgentDeskOptions;
  readonly #desks = new Map<string, Desk>();

  constructor(options: AgentDeskOptions) {
    this.#options = options;
  }

  /** Every agent that there is now, with the place of its card. */
  async list(): Promise<readonly { readonly address: string; readonly state: string; readonly card: string }[]> {
    const { agents } = await briefFleet(this.#options.fleet, {}, {});
    return agents.map(({ address, state }) => ({ address, state, card: `${this.#urlOf(address)}/.well-known/agent-card.json` }));
  }

  /** @throws MosaicError AGENT_NOT_FOUND */
  async of(address: string): Promise<Desk> {
    const known = this.#desks.get(address);
    if (known) return known;
    const { tenantId, host, name } = parseAddress(address);
    const { agents } = await briefFleet(this.#options.fleet, { tenants: [tenantId], hosts: [host], names: [name] }, {});
    const agent = agents.find((each) => each.address === address);
    if (!agent)
      throw new MosaicError("AGENT_NOT_FOUND", `no agent ${address}`, { hint: "GET /agents lists those that there are" });
    const desk = this.#open(agent);
    this.#desks.set(address, desk);
    return desk;
  }

  #open(agent: BriefAgent): Desk {
    const { fleet, version, needsToken, signal } = this.#options;
    const url = this.#urlOf(agent.address);
    const card = agentCard(agent, { url, version, needsToken });
    const executor = fleetExecutor({ fleet, address: agent.address, signal });
    const handler = new OneMessageTasks(card, new BoundedTaskStore(), executor);
    const forOld = { url, preferredTransport: "JSONRPC", protocolVersion: "0.3.0" };
    return {
      card: { ...(AgentCard.toJSON(card) as object), ...forOld },
      current: new JsonRpcTransportHandler(handler),
      legacy: new LegacyJsonRpcTransportHandler(handler),
    };
  }

  #urlOf(address: string): string {
    return `${this.#options.baseUrl}/agents/${address}`;
  }
}

/** Tasks of one message each: a second one would be a second turn, with an end of its own. */
class OneMessageTasks extends DefaultRequestHandler {
  override sendMessage(params: SendMessageRequest, context: ServerCallContext) {
    assertFirst(params);
    return super.sendMessage(params, context);
  }

  override sendMessageStream(params: SendMessageRequest, context: ServerCallContext) {
    assertFirst(params);
    return super.sendMessageStream(params, context);
  }
}

function assertFirst({ message }: SendMessageRequest): void {
  if (message?.taskId) throw new UnsupportedOperationError("a task takes one message: send another one without a task id");
}
