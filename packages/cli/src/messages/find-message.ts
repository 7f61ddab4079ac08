import { MosaicError, nearNames } from "@mosaic/core/light";
import type { MessageJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import { isAnswering, type Via } from "../fleet/ps-answer.ts";
import type { PsHost } from "../fleet/ps-host.ts";
import type { Place } from "../remote/endpoints.ts";
import { askMessages, MAX_MESSAGES } from "./ask-messages.ts";

/** A message that was found, with what was asked on the way. */
export interface FoundMessage {
  readonly message: MessageJson;
  readonly via: Via;
  readonly hosts: readonly PsHost[];
}

export interface FindOptions {
  readonly withText: boolean;
  readonly timeoutMs: number;
}

/** Finds a message by its id, or by the beginning of its id when no other of the newest thousand begins so.
 *  @throws MosaicError MESSAGE_NOT_FOUND with near ids and the hosts that did not answer, USAGE for a beginning of several,
 *  and as `Remote.unary` */
export async function findMessage(
  places: readonly Place[],
  id: string,
  options: FindOptions,
  deps: CommandDeps,
): Promise<FoundMessage> {
  const exact = await askMessages(places, { ...options, messageIds: [id], limit: 1 }, deps);
  const [message] = exact.messages;
  if (message) return { message, via: exact.via, hosts: exact.hosts };
  const { messages } = await askMessages([exact.place], { timeoutMs: options.timeoutMs, limit: MAX_MESSAGES }, deps);
  const ids = messages.map(({ receipt }) => receipt?.messageId ?? "");
  const begun = ids.filter((each) => each.startsWith(id));
  const [only] = begun;
  if (only === undefined) throw notFound(id, ids, exact.hosts);
  if (begun.length > 1) throw severalBegin(id, begun);
  return await findMessage([exact.place], only, options, deps);
}

function notFound(id: string, ids: readonly string[], hosts: readonly PsHost[]): MosaicError {
  const silent = hosts.filter((host) => !isAnswering(host)).map((host) => `${host.tenant_id}/${host.host}`);
  const gap = silent.length === 0 ? "" : `; ${silent.length === 1 ? "one host" : "hosts"} did not answer: ${silent.join(", ")}`;
  const near = nearNames(id, ids);
  const hint = near.length > 0 ? `did you mean ${near.join(", or ")}?` : "see what there is: mosaic message list";
  return new MosaicError("MESSAGE_NOT_FOUND", `no message ${JSON.stringify(id)} is known${gap}`, { hint });
}

function severalBegin(id: string, ids: readonly string[]): MosaicError {
  return new MosaicError("USAGE", `${ids.length} messages begin with ${JSON.stringify(id)}`, {
    hint: `write more of it: ${ids.slice(0, 3).join(", ")}`,
  });
}
