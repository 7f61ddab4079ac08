import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { CAPABILITY_HEADER, type CallContext, fromConnectError, type Takeover, untilAborted } from "@mosaic/rpc";
import {
  type Agent,
  type AgentAddress,
  AgentAddressSchema,
  type AttachTerminalRequestSchema,
  type AttachTerminalResponse,
} from "@mosaic/wire";
import type { Upstream } from "./upstream.ts";

/** What of a call goes on with it. */
export interface PassedOn {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly headers: Record<string, string>;
}

/** The options of a call that is made on behalf of another: its end, its trace, what is left of its deadline, and what its caller
 *  has signed. */
export function callOptions({ signal, span, timeoutMs, token }: CallContext): PassedOn {
  const leftMs = timeoutMs();
  return {
    signal,
    headers: {
      ...(span.traceparent ? { traceparent: span.traceparent } : {}),
      ...(token === undefined ? {} : { [CAPABILITY_HEADER]: token }),
    },
    ...(leftMs === undefined ? {} : { timeoutMs: leftMs }),
  };
}

/** Passes a stream of a member through that is about an agent, and ends it there when it ends here. */
export function relay<T>(
  agent: Agent,
  what: string,
  context: CallContext,
  open: (options: PassedOn) => AsyncIterable<T>,
): AsyncGenerator<T> {
  return relayed(context, open, rethrow(agent, what));
}

/** Passes a stream of a member through, and ends it there when it ends here.
 *  @param onError throws what the caller is told instead of what was thrown */
export async function* relayed<T>(
  context: CallContext,
  open: (options: PassedOn) => AsyncIterable<T>,
  onError: (thrown: unknown) => never,
): AsyncGenerator<T> {
  const call = new AbortController();
  const options = callOptions(context);
  const onAbort = () => call.abort();
  context.signal.addEventListener("abort", onAbort, { once: true });
  try {
    yield* open({ ...options, signal: call.signal });
  } catch (thrown) {
    onError(thrown);
  } finally {
    context.signal.removeEventListener("abort", onAbort);
    call.abort();
  }
}

/** Passes a takeover through, both ways. */
export async function* relayTakeover(
  { open, input }: Takeover,
  agent: Agent,
  upstream: Upstream,
  context: CallContext,
): AsyncGenerator<AttachTerminalResponse> {
  let refusal: unknown;
  // Read only as fast as the member takes the keys, and no longer than its call.
  async function* steps(signal: AbortSignal): AsyncGenerator<AttachStep> {
    yield { step: { case: "open", value: { ...open, agent: fullAddress(agent) } } };
    try {
      for await (const data of untilAborted(input, signal)) yield { step: { case: "input", value: { data } } };
    } catch (thrown) {
      // The client would make a fault of its own of it.
      refusal = thrown;
      throw thrown;
    }
  }
  try {
    yield* relay(agent, "attach", context, (options) => upstream.client.attachTerminal(steps(options.signal), options));
  } catch (thrown) {
    throw refusal ?? thrown;
  }
}

type AttachStep = MessageInitShape<typeof AttachTerminalRequestSchema>;

/** Keeps the code and hint of the node's own error, and says which host it was. */
export function rethrow(agent: Agent, what: string): (thrown: unknown) => never {
  return (thrown) => {
    const error = fromConnectError(thrown, `${what} to ${agent.tenantId}/${agent.host}/${agent.name}`);
    throw error;
  };
}

/** The complete address of a row. */
export function fullAddress(agent: Agent): AgentAddress {
  return create(AgentAddressSchema, { tenantId: agent.tenantId, host: agent.host, name: agent.name });
}
