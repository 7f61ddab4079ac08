import type { DeliveryStateJson, ListMessagesRequestJson, ListMessagesResponseJson, MessageJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import type { Via } from "../fleet/ps-answer.ts";
import { freshReading, type PsHost, toPsHost } from "../fleet/ps-host.ts";
import { viaOf } from "../fleet/via-of.ts";
import { askFirst, type Place } from "../remote/endpoints.ts";

/** Which messages are asked for. Every list is a set of alternatives; an empty one does not restrict. */
export interface MessagesQuestion {
  readonly tenants?: readonly string[];
  readonly hosts?: readonly string[];
  readonly names?: readonly string[];
  readonly messageIds?: readonly string[];
  readonly states?: readonly DeliveryStateJson[];
  /** Most messages wanted, 1 to {@link MAX_MESSAGES}. */
  readonly limit: number;
  readonly withText?: boolean;
  readonly timeoutMs: number;
}

export interface MessagesReply {
  readonly place: Place;
  readonly via: Via;
  readonly messages: readonly MessageJson[];
  /** Every host that was asked. */
  readonly hosts: readonly PsHost[];
  /** True when there are more than were asked for. */
  readonly isTruncated: boolean;
}

/** The contract's own limit of messages in one answer. */
export const MAX_MESSAGES = 1000;

/** Asks the first place that answers for messages, newest first.
 *  @throws MosaicError as `Remote.unary` */
export async function askMessages(
  places: readonly Place[],
  question: MessagesQuestion,
  deps: CommandDeps,
): Promise<MessagesReply> {
  const { tenants = [], hosts = [], names = [], messageIds = [], states = [], limit, withText = false } = question;
  const request: ListMessagesRequestJson = {
    selector: { tenantIds: [...tenants], hosts: [...hosts], names: [...names] },
    messageIds: [...messageIds],
    states: [...states],
    limit,
    withText,
  };
  return await askFirst(places, async (place) => {
    const reply = await deps.remote.unary<ListMessagesResponseJson>(place.endpoint, "ListMessages", request, question.timeoutMs);
    return {
      place,
      via: viaOf(place.via, reply.hosts ?? []),
      messages: reply.messages ?? [],
      hosts: (reply.hosts ?? []).map((host) => toPsHost(freshReading(host))),
      isTruncated: reply.truncated ?? false,
    };
  });
}
