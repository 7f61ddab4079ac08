import type { Message } from "@bufbuild/protobuf";
import { MosaicError, resolveAddress } from "@mosaic/core";
import type { AgentAddress } from "@mosaic/wire";

/** What somebody is told who may see nothing of what a call is about: the same, in the same words, as when there is no such agent,
 *  message or tenant. */
export function noSuchThing(method: string, request: Message | undefined): MosaicError {
  const { agent, messageId = "" } = (request ?? {}) as { agent?: AgentAddress; messageId?: string };
  if (method === "CancelMessage" || method === "RetryMessage") {
    return new MosaicError("MESSAGE_NOT_FOUND", `no message ${messageId} is known`, { hint: "see mosaic message list" });
  }
  if (!agent) return new MosaicError("NOT_ALLOWED", `${method} is not allowed: no tenant here is one of yours`);
  return notFound({ tenantId: agent.tenantId, host: agent.host, name: agent.name });
}

function notFound(address: { tenantId: string; host: string; name: string }): MosaicError {
  try {
    resolveAddress([], address);
  } catch (thrown) {
    return MosaicError.from(thrown);
  }
  return new MosaicError("AGENT_NOT_FOUND", "no such agent");
}
