import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Span } from "@mosaic/core";
import type {
  AddHostRequest,
  AddHostResponseSchema,
  Agent,
  AttachTerminalResponse,
  CallerScope,
  CancelMessageRequest,
  CancelMessageResponseSchema,
  Condition,
  DecideRequest,
  DecideResponseSchema,
  DrainHostRequest,
  DrainHostResponseSchema,
  HeartbeatRequest,
  HeartbeatResponseSchema,
  HostStatus,
  InfoResponseSchema,
  ListMessagesRequest,
  ListMessagesResponseSchema,
  ListRequest,
  PresenceRequest,
  PresenceResponseSchema,
  ReadLogRequest,
  ReadLogResponse,
  RemoveHostRequest,
  RemoveHostResponseSchema,
  ResetRequest,
  ResetResponseSchema,
  RetryMessageRequest,
  RetryMessageResponseSchema,
  SendRequest,
  SendResponseSchema,
  TailRequest,
  TailResponse,
  WatchEventsRequest,
  WatchEventsResponse,
  WatchReceiptsRequest,
  WatchReceiptsResponse,
  WatchRequest,
  WatchResponse,
  WatchTerminalRequest,
  WatchTerminalResponse,
} from "@mosaic/wire";
import type { Caller } from "./guard.ts";
import type { Takeover } from "./takeover.ts";

/** What a handler may know of its call besides the request. */
export interface CallContext {
  /** Aborts when the caller goes away, its deadline passes, or the server stops. Release what you hold on it. */
  readonly signal: AbortSignal;
  /** The server's span of this call; pass its `traceparent` to whatever is done on the call's behalf. */
  readonly span: Span;
  /** How the caller reached us. Heartbeats are taken over `unix` (and `memory`, in tests) only. */
  readonly carrier: "unix" | "tcp" | "tls" | "memory";
  /** Who calls, where a guard has let it in. Absent: this host's own tenant. */
  readonly caller?: Caller | undefined;
  /** What the caller has signed of this call, to be passed on as it is. */
  readonly token?: string | undefined;
  /** What is left of the caller's deadline in ms; undefined: it gave none. */
  readonly timeoutMs: () => number | undefined;
}

/** What a List answers, as rows that may go out as the bytes they came in as. */
export interface ListAnswer {
  readonly rows: readonly Agent[];
  readonly hosts: readonly HostStatus[];
  readonly epoch: string;
  readonly rev: bigint;
  readonly nextPageToken: string;
  readonly isInconsistent: boolean;
  /** Facts about the answerer itself that need a person, ordered by type. Default: none. */
  readonly conditions?: readonly Condition[] | undefined;
  /** What the caller may see. Default: everything. */
  readonly scope?: CallerScope | undefined;
}

/** FleetService as node and aggregator implement it: requests are already validated, and every error thrown is mapped to
 *  a status by `toConnectError`. */
export interface FleetHandlers {
  info(context: CallContext): MessageInitShape<typeof InfoResponseSchema>;
  list(request: ListRequest, context: CallContext): Promise<ListAnswer>;
  watch(request: WatchRequest, context: CallContext): AsyncIterable<WatchResponse>;
  heartbeat(request: HeartbeatRequest, context: CallContext): Promise<MessageInitShape<typeof HeartbeatResponseSchema>>;
  send(request: SendRequest, context: CallContext): Promise<MessageInitShape<typeof SendResponseSchema>>;
  tail(request: TailRequest, context: CallContext): AsyncIterable<TailResponse>;
  watchTerminal(request: WatchTerminalRequest, context: CallContext): AsyncIterable<WatchTerminalResponse>;
  attachTerminal(takeover: Takeover, context: CallContext): AsyncIterable<AttachTerminalResponse>;
  reset(request: ResetRequest, context: CallContext): Promise<MessageInitShape<typeof ResetResponseSchema>>;
  listMessages(request: ListMessagesRequest, context: CallContext): Promise<MessageInitShape<typeof ListMessagesResponseSchema>>;
  watchReceipts(request: WatchReceiptsRequest, context: CallContext): AsyncIterable<WatchReceiptsResponse>;
  watchEvents(request: WatchEventsRequest, context: CallContext): AsyncIterable<WatchEventsResponse>;
  presence(request: PresenceRequest, context: CallContext): Promise<MessageInitShape<typeof PresenceResponseSchema>>;
  cancelMessage(
    request: CancelMessageRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof CancelMessageResponseSchema>>;
  retryMessage(request: RetryMessageRequest, context: CallContext): Promise<MessageInitShape<typeof RetryMessageResponseSchema>>;
  decide(request: DecideRequest, context: CallContext): Promise<MessageInitShape<typeof DecideResponseSchema>>;
  addHost(request: AddHostRequest, context: CallContext): Promise<MessageInitShape<typeof AddHostResponseSchema>>;
  removeHost(request: RemoveHostRequest, context: CallContext): Promise<MessageInitShape<typeof RemoveHostResponseSchema>>;
  drainHost(request: DrainHostRequest, context: CallContext): Promise<MessageInitShape<typeof DrainHostResponseSchema>>;
  readLog(request: ReadLogRequest, context: CallContext): AsyncIterable<ReadLogResponse>;
}
