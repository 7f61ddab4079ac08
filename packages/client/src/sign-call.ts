import { randomUUID } from "node:crypto";
import { MosaicError, resolveAddress } from "@mosaic/core/light";
import { signDeed } from "@mosaic/identity";
import { isAboutHost, signedJson } from "@mosaic/rpc";
import type { AgentAddressJson, ListMessagesResponseJson, ListResponseJson } from "@mosaic/wire";
import type { CallerIdentity } from "./caller-identity.ts";

/** A call as it goes out: with the complete address of its agent, which is what is signed, and the signature. */
export interface SignedCall<Req extends object> {
  readonly request: Req;
  /** Absent: nothing of this call is signed. */
  readonly token?: string | undefined;
}

/** Asks the server that the call is for. */
export type Ask = <Res extends object>(method: string, request: object) => Promise<Res>;

const DAY_MS = 24 * 3_600_000;

/** Signs a call that a node takes over an aggregator from its own caller only. What the agent's complete address is, is asked
 *  first: a signature is for one agent of one host.
 *  @returns the call as it is where nothing of it is signed, and where the server knows no such agent, which it says itself */
export async function signCall<Req extends object>(
  { credentials }: CallerIdentity,
  method: string,
  request: Req,
  ask: Ask,
): Promise<SignedCall<Req>> {
  if (signedJson(method, request) === undefined) return { request };
  const target = await targetOf(method, request, ask);
  if (!target) return { request };
  const { tenantId, host, hostId, name } = target;
  const complete = { ...request, ...(isAboutHost(method) ? { tenantId, host } : { agent: { tenantId, host, name } }) };
  const signed = signedJson(method, complete);
  if (!signed) return { request };
  const isMessage = method === "Send";
  const { key, chain, identity: caller } = credentials;
  const deed = { method, target: `${tenantId}/${hostId}/${name}`, requestSha256: signed.requestSha256 };
  const token = await signDeed(deed, {
    ...{ key, chain, caller, nowUnixMs: Date.now() },
    id: isMessage ? signed.messageId : randomUUID(),
    ...(isMessage ? { ttlMs: signed.expiresInMs || DAY_MS } : {}),
  });
  return { request: complete, token };
}

interface Target {
  readonly tenantId: string;
  readonly host: string;
  readonly hostId: string;
  readonly name: string;
}

async function targetOf(method: string, request: object, ask: Ask): Promise<Target | undefined> {
  const { agent = {}, messageId = "" } = request as { agent?: AgentAddressJson; messageId?: string };
  if (isAboutHost(method)) return await targetHost(request, ask);
  if (method === "CancelMessage" || method === "RetryMessage") return await targetOfMessage(messageId, ask);
  const { tenantId = "", host = "", name = "" } = agent;
  const { agents = [] } = await ask<ListResponseJson>("List", { selector: { names: [name] } });
  const rows = agents.map((row) => ({ tenantId: "", host: "", hostId: "", name: "", ...row }));
  try {
    return resolveAddress(rows, { tenantId, host, name });
  } catch (thrown) {
    // Of several that fit, one must not be guessed; that there is none, the server says better.
    if (MosaicError.from(thrown).code === "AGENT_NOT_FOUND") return undefined;
    throw thrown;
  }
}

// Which one is meant where several are, the server says; it is nothing to sign for.
async function targetHost(request: object, ask: Ask): Promise<Target | undefined> {
  const { tenantId = "", host = "" } = request as { tenantId?: string; host?: string };
  if (host === "") return undefined;
  const selector = { hosts: [host], ...(tenantId === "" ? {} : { tenantIds: [tenantId] }) };
  // Hosts come with every page, so the smallest page there is will do.
  const { hosts = [] } = await ask<ListResponseJson>("List", { selector, pageSize: 1 });
  const [found, ...others] = hosts;
  if (!found || others.length > 0) return undefined;
  return { tenantId: found.tenantId ?? "", host: found.host ?? "", hostId: found.hostId ?? "", name: "" };
}

async function targetOfMessage(messageId: string, ask: Ask): Promise<Target | undefined> {
  const { messages = [] } = await ask<ListMessagesResponseJson>("ListMessages", { messageIds: [messageId], limit: 1 });
  const { agent, hostId = "" } = messages[0]?.receipt ?? {};
  return agent && { hostId, tenantId: agent.tenantId ?? "", host: agent.host ?? "", name: agent.name ?? "" };
}
