import { MosaicError, type PartialAddress, resolveAddress } from "@mosaic/core/light";
import type { CommandDeps } from "../command.ts";
import { type SentReceipt, toSentReceipt } from "../commands/agent/sent-receipt.ts";
import { isAnswering, type Via } from "../fleet/ps-answer.ts";
import type { PsHost } from "../fleet/ps-host.ts";
import type { Place } from "../remote/endpoints.ts";
import { listFleet } from "../remote/list-fleet.ts";
import { askMessages } from "./ask-messages.ts";
import { isToAgent, selectorOf } from "./message-agents.ts";
import { passes, type StateFilter } from "./state-filter.ts";

/** What `message list --json` prints. The names of its fields are a contract; see list.test.ts. */
export interface MessageListAnswer {
  readonly schema: "mosaic.message.list/1";
  /** True when every host that was asked answered. */
  readonly complete: boolean;
  readonly via: Via;
  /** True when there are more messages than were asked for. */
  readonly truncated: boolean;
  readonly hosts: readonly PsHost[];
  /** Newest first. */
  readonly items: readonly SentReceipt[];
}

export interface MessageListQuestion {
  /** Empty: every agent. */
  readonly agents: readonly PartialAddress[];
  readonly filter: StateFilter;
  readonly limit: number;
  readonly timeoutMs: number;
}

/** Lists messages.
 *  @throws MosaicError as `Remote.unary`, and AGENT_NOT_FOUND for an address that neither a message nor the fleet knows */
export async function listMessages(
  places: readonly Place[],
  question: MessageListQuestion,
  deps: CommandDeps,
): Promise<MessageListAnswer> {
  const { agents, filter, limit, timeoutMs } = question;
  const reply = await askMessages(places, { ...selectorOf(agents), states: filter.states, limit, timeoutMs }, deps);
  const items = reply.messages
    .flatMap(({ receipt }) => (receipt ? [toSentReceipt(receipt)] : []))
    .filter((receipt) => passes(filter, receipt) && (agents.length === 0 || agents.some((agent) => isToAgent(receipt, agent))));
  for (const agent of agents)
    if (!items.some((item) => isToAgent(item, agent))) await assertKnown(agent, reply.place, question, deps);
  return {
    schema: "mosaic.message.list/1",
    complete: reply.hosts.every(isAnswering),
    via: reply.via,
    truncated: reply.isTruncated,
    hosts: reply.hosts,
    items,
  };
}

// An agent that is gone may still have messages; one without any that the fleet does not know either was misspelt.
async function assertKnown(
  agent: PartialAddress,
  place: Place,
  { timeoutMs }: MessageListQuestion,
  deps: CommandDeps,
): Promise<void> {
  const { agents } = await listFleet(deps.remote, place, { tenants: [], hosts: [], isLive: false, pageSize: 0, timeoutMs });
  const rows = agents.map(({ tenantId = "", host = "", hostId = "", name = "" }) => ({ tenantId, host, hostId, name }));
  try {
    resolveAddress(rows, agent);
  } catch (thrown) {
    // A short form that fits several agents means all of them here.
    if (MosaicError.from(thrown).code !== "AGENT_AMBIGUOUS") throw thrown;
  }
}
