import { EXIT_CODES, formatAddress, MosaicError, parseAddress } from "@mosaic/core/light";
import type { DecideRequestJson, DecideResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { approvalText, type PsApproval, toPsApprovals } from "../../fleet/ps-approval.ts";
import { selectAgents } from "../../fleet/select-agents.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, type Place, placesFor } from "../../remote/endpoints.ts";
import { listFleet } from "../../remote/list-fleet.ts";
import { chooseApproval } from "./choose-approval.ts";
import { needingNode } from "./needs-node.ts";

/** What `agent approve --json` and `agent deny --json` print. The names of its fields are a contract; see decide.test.ts. */
export interface DecideAnswer {
  readonly schema: "mosaic.agent.decide/1";
  /** True when the agent itself was seen to take the answer. */
  readonly complete: boolean;
  readonly decision: "allow" | "deny";
  readonly tenant_id: string;
  readonly host: string;
  readonly name: string;
  readonly request: PsApproval;
  /** For people. */
  readonly detail: string;
}

/** Answers what an agent asks leave for.
 *  @throws MosaicError APPROVAL_NOT_FOUND, AGENT_NOT_FOUND, NOT_HERE for what only a person at its terminal can answer */
export async function decide(
  decision: DecideAnswer["decision"],
  { args, flags, globals }: Invocation,
  io: Io,
  deps: CommandDeps,
): Promise<CommandResult> {
  const [address = "", requestId] = args;
  parseAddress(address);
  if ((requestId === undefined) !== flags.boolean("only")) throw whichOne(decision, address);
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const { place, agent, approvals } = await needingNode(`agent ${VERBS[decision].command}`, places, () =>
    askFirst(places, (each) => readApprovals(each, address, timeoutMs, deps)),
  );
  const request = chooseApproval(agent, approvals, requestId);
  const question: DecideRequestJson = {
    agent: { ...agent },
    requestId: request.request_id,
    decision: VERBS[decision].wire,
    sourceLabel: flags.text("source-label") ?? `${io.hostName()}:operator`,
    comment: flags.text("comment") ?? "",
  };
  const reply = await deps.remote.unary<DecideResponseJson>(place.endpoint, "Decide", question, timeoutMs);
  const { confirmed = false, detail = "" } = reply;
  const { tenantId: tenant_id, host, name } = agent;
  const answer: DecideAnswer = {
    schema: "mosaic.agent.decide/1",
    complete: confirmed,
    decision,
    ...{ tenant_id, host, name },
    request,
    detail,
  };
  const exitCode = confirmed ? EXIT_CODES.ok : EXIT_CODES.notConfirmed;
  return { exitCode, envelope: answer, text: () => `${plainText(sentenceOf(answer))}\n` };
}

function sentenceOf({ complete, decision, request, detail, tenant_id: tenantId, host, name }: DecideAnswer): string {
  const agent = formatAddress({ tenantId, host, name });
  const what = `${agent}: ${VERBS[decision].done} ${approvalText(request)} (request ${request.request_id})`;
  const told = detail === "" ? "" : `: ${detail}`;
  if (complete) return `${what}; the agent took the answer${told}`;
  return `${what}; handed over, and nothing was heard of the agent yet${told}; see mosaic agent status ${agent}`;
}

async function readApprovals(place: Place, address: string, timeoutMs: number, deps: CommandDeps) {
  const list = await listFleet(deps.remote, place, { tenants: [], hosts: [], isLive: false, pageSize: 0, timeoutMs });
  const [row = {}] = selectAgents(list.agents, [address]);
  const agent = { tenantId: row.tenantId ?? "", host: row.host ?? "", name: row.name ?? "" };
  return { place, agent, approvals: toPsApprovals(row.approvals, undefined) };
}

function whichOne(decision: DecideAnswer["decision"], address: string): MosaicError {
  const { command } = VERBS[decision];
  return new MosaicError("USAGE", `say which request to ${command}: its id, or --only for the only one there is`, {
    hint: `mosaic agent approvals list, then: mosaic agent ${command} ${address} <request-id>`,
  });
}

const VERBS = {
  allow: { command: "approve", done: "allowed", wire: "DECISION_ALLOW" },
  deny: { command: "deny", done: "denied", wire: "DECISION_DENY" },
} as const;
