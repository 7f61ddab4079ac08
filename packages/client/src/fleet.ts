import type { PartialAddress } from "@mosaic/core";
import type { Agent, Condition, DeliveryState, HostStatus, InfoResponse, Message, Receipt } from "@mosaic/wire";
import type { FleetUpdate } from "./fleet-update.ts";

/** What one call may say of itself. */
export interface CallOptions {
  /** Ends the call. A message that was taken goes on without it. */
  readonly signal?: AbortSignal | undefined;
  /** How long the answer may take, in ms. Default: the connection's. */
  readonly deadlineMs?: number | undefined;
  /** W3C trace context that this call belongs to. Default: the connection's. */
  readonly traceparent?: string | undefined;
}

/** How a message is waited for. */
export interface WaitOptions extends CallOptions {
  /** Is told of every step on the way, the first as it is; a step may be told twice. */
  readonly onStep?: ((receipt: Receipt) => void) | undefined;
}

/** Which part of the fleet is meant; a list is a set of alternatives, and one that is absent does not restrict. */
export interface FleetQuestion {
  readonly tenants?: readonly string[] | undefined;
  /** By name or id. */
  readonly hosts?: readonly string[] | undefined;
  /** Agents by name. */
  readonly names?: readonly string[] | undefined;
}

/** The fleet as one server tells it. */
export interface FleetAnswer {
  /** By (tenant, host, name). */
  readonly agents: readonly Agent[];
  /** Every expected host in scope: one that does not answer is here with the reason, and never missing. */
  readonly hosts: readonly HostStatus[];
  /** True when the fleet changed between the pages of the answer. */
  readonly isInconsistent: boolean;
  /** What is wrong with the answerer itself. */
  readonly conditions: readonly Condition[];
}

/** A text for an agent. */
export interface OutgoingMessage {
  /** `[[tenant/]host/]agent`, or its parts; a short form must be unique. */
  readonly to: string | PartialAddress;
  /** At most 262144 bytes of UTF-8. */
  readonly text: string;
  /** The same on every retry: what was sent once is not typed twice. Default: a new UUIDv7. */
  readonly messageId?: string | undefined;
  /** The state to answer with. Default ENTERED. */
  readonly waitFor?: DeliveryState | undefined;
  /** How long the server waits for that state before it answers with what is so, in ms. Default 10 s, at most 10 min. */
  readonly waitMs?: number | undefined;
  /** For how long it may still be put before the agent, in ms. Default 24 h. */
  readonly expiresInMs?: number | undefined;
  /** After a crash that leaves open whether it was typed, type it again. Default false. */
  readonly atLeastOnce?: boolean | undefined;
  /** Who is speaking, for the agent and the audit. Default: the connection's. */
  readonly sourceLabel?: string | undefined;
}

/** Which receipts are asked for. */
export interface ReceiptsQuestion extends FleetQuestion {
  readonly messageIds?: readonly string[] | undefined;
  readonly states?: readonly DeliveryState[] | undefined;
  /** Most receipts wanted, at most 1000. Default 100. */
  readonly limit?: number | undefined;
}

/** What stands in an agent's terminal. */
export interface TailedText {
  readonly lines: readonly string[];
}

/** One FleetService, of a node or an aggregator. Dispose it to end every call on it. Each call throws MosaicError, whose `code` is of
 *  the closed list in docs/reference/errors.md. */
export interface Fleet extends AsyncDisposable {
  /** Says who answers and what it can do. */
  info(options?: CallOptions): Promise<InfoResponse>;
  /** Lists agents and hosts. `isLive`: ask every host now instead of answering from memory. */
  list(question?: FleetQuestion & { readonly isLive?: boolean }, options?: CallOptions): Promise<FleetAnswer>;
  /** Yields the fleet as a series of changes, and every change after that. Lost connections are told and mended; it ends with its
   *  signal, or when its loop is left, and throws only for what no other attempt will cure. */
  watch(signal: AbortSignal, question?: FleetQuestion): AsyncIterable<FleetUpdate>;
  /** Puts a text before an agent.
   *  @returns the receipt so far: look at `state`, since to be taken is not to be answered */
  send(message: OutgoingMessage, options?: CallOptions): Promise<Receipt>;
  /** Waits until a message has come as far as `state`, or can't any more; over lost connections.
   *  @param options `deadlineMs` default 10 min
   *  @throws MosaicError DEADLINE; the message goes on */
  waitFor(messageId: string, state: DeliveryState, options?: WaitOptions): Promise<Receipt>;
  /** Yields a message's receipt as it is and after every step, over lost connections, until the message is at its end. Ends quietly
   *  with its signal; a step may be told twice. */
  follow(messageId: string, signal: AbortSignal): AsyncIterable<Receipt>;
  /** Gives a message up that was not typed yet.
   *  @returns its receipt: FAILED with CANCELLED, or unchanged when it was too late */
  cancel(messageId: string, options?: CallOptions): Promise<Receipt>;
  /** Answers with receipts, newest message first. */
  receipts(question?: ReceiptsQuestion, options?: CallOptions): Promise<readonly Receipt[]>;
  /** The same with the texts as they are stored. */
  messages(question?: ReceiptsQuestion, options?: CallOptions): Promise<readonly Message[]>;
  /** Reads what stands in an agent's terminal, its last lines. What it says was written by others. */
  tail(agent: string | PartialAddress, lines: number, options?: CallOptions): Promise<TailedText>;
}
