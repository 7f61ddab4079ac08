import { create, type DescMethod, type DescMethodUnary, fromBinary, type Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  type ContextValues,
  createContextKey,
  type HandlerContext,
  type Interceptor,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { messagePieces } from "./message-pieces.ts";
import type { NodeRequest, NodeResponse } from "./node-call.ts";
import { readBody } from "./read-body.ts";
import { type UnaryProtocol, unaryProtocolOf } from "./unary-protocols.ts";

export interface UnaryCallsOptions {
  readonly routes: (router: ConnectRouter) => void;
  readonly interceptors: readonly Interceptor[];
  /** Aborts every running call. */
  readonly shutdownSignal: AbortSignal;
  /** Largest request, in bytes. */
  readonly maxBytes: number;
}

/** Answers a call; undefined: it is none that is answered here, and was not touched. */
export type ServeUnary = (request: NodeRequest, response: NodeResponse, values: ContextValues) => Promise<void> | undefined;

/** Answers calls with one request and one answer in binary, uncompressed, in gRPC or Connect: what daemons say to each other all day. It
 *  does what the library does in a chain of generators and signals, which is most of what such a call costs (docs/adr/0026). Whatever
 *  else there is, JSON, gRPC-Web, compression, is the library's. */
export function unaryCalls({ routes, interceptors, shutdownSignal, maxBytes }: UnaryCallsOptions): ServeUnary {
  const methods = new Map<string, Method>();
  collect(routes, (method) => {
    const handle = [...interceptors].reverse().reduce((next, one) => one(next), handlerOf(method) as ReturnType<Interceptor>);
    methods.set(`/${method.desc.parent.typeName}/${method.desc.name}`, { ...method, handle });
  });
  // One listener for all that run: adding one looks through those that are there.
  const running = new Set<AbortController>();
  shutdownSignal.addEventListener("abort", () => running.forEach((end) => void end.abort(shutdownSignal.reason)), { once: true });
  return (request, response, values) => {
    const method = methods.get(request.url ?? "");
    const protocol = method && unaryProtocolOf(request);
    if (!protocol) return undefined;
    const end = new AbortController();
    if (shutdownSignal.aborted) end.abort(shutdownSignal.reason);
    running.add(end);
    return serve({ method, protocol, end, maxBytes }, request, response, values).finally(() => running.delete(end));
  };
}

type Implementation = (request: Message, context: HandlerContext) => unknown;

interface Registered {
  readonly desc: DescMethodUnary;
  readonly implementation: Implementation;
}

interface Method extends Registered {
  readonly handle: ReturnType<Interceptor>;
}

interface Serving {
  readonly method: Method;
  readonly protocol: UnaryProtocol;
  /** Ends the call. */
  readonly end: AbortController;
  readonly maxBytes: number;
}

/** Longer ones are over at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31;
/** What a handler is told of its call, on its way through the interceptors. */
const contextKey = createContextKey<HandlerContext | undefined>(undefined);

async function serve(
  { method, protocol, end, maxBytes }: Serving,
  request: NodeRequest,
  response: NodeResponse,
  values: ContextValues,
): Promise<void> {
  const { desc } = method;
  const leave = () => end.abort(gone());
  response.once("close", leave);
  let timer: NodeJS.Timeout | undefined;
  try {
    const timeoutMs = protocol.timeoutMs(request);
    if (timeoutMs !== undefined && timeoutMs < LONGEST_TIMER_MS) timer = setTimeout(() => end.abort(overTime()), timeoutMs);
    const message = fromRequest(desc, protocol.open(await readBody(request, response, maxBytes)));
    const call = callOf(desc, request, { message, values, signal: end.signal, timeoutMs, protocol });
    const answer = (await method.handle(call)) as UnaryResponse;
    protocol.reply(response, messagePieces(desc.output, answer.message));
  } catch (thrown) {
    protocol.refuse(response, asConnectError(thrown));
  } finally {
    clearTimeout(timer);
    response.off("close", leave);
    // Whatever still hangs on it lets go. A reason of its own, because one that is made for it would carry a stack.
    end.abort(OVER);
  }
}

function callOf(
  desc: DescMethodUnary,
  request: NodeRequest,
  given: {
    readonly message: Message;
    readonly values: ContextValues;
    readonly signal: AbortSignal;
    readonly timeoutMs: number | undefined;
    readonly protocol: UnaryProtocol;
  },
): UnaryRequest {
  const { message, values, signal, timeoutMs, protocol } = given;
  const header = toWebHeaders(request);
  const endsAtMs = performance.now() + (timeoutMs ?? 0);
  const about = {
    service: desc.parent,
    method: desc,
    requestMethod: "POST",
    url: `http://localhost${request.url}`,
    signal,
  } as const;
  const context: HandlerContext = {
    ...about,
    ...{ protocolName: protocol.name, requestHeader: header, values },
    // Whole: what is left is passed on, and gRPC refuses a deadline with a fraction.
    timeoutMs: () => (timeoutMs === undefined ? undefined : Math.ceil(endsAtMs - performance.now())),
    // Nobody of ours answers with headers of his own: errors carry theirs.
    ...{ responseHeader: NO_HEADERS, responseTrailer: NO_HEADERS },
  };
  values.set(contextKey, context);
  return { ...about, stream: false, message, header, contextValues: values } as unknown as UnaryRequest;
}

function handlerOf({ desc, implementation }: Registered) {
  return async (request: UnaryRequest): Promise<UnaryResponse> => {
    const context = request.contextValues.get(contextKey);
    if (!context) throw new Error("a call came without its context");
    const message = create(desc.output, (await implementation(request.message, context)) as Message);
    return { stream: false, service: desc.parent, method: desc, message, header: NO_HEADERS, trailer: NO_HEADERS };
  };
}

// The library's router keeps what it is given to itself, so that the routes are told to one that remembers them.
function collect(routes: (router: ConnectRouter) => void, take: (method: Registered) => void): void {
  const router: ConnectRouter = {
    handlers: [],
    service(service, implementation) {
      const all = implementation as Record<string, Implementation | undefined>;
      for (const desc of service.methods) {
        const found = all[desc.localName];
        if (found && isUnary(desc)) take({ desc, implementation: found.bind(implementation) });
      }
      return router;
    },
    // Nobody of ours registers a single method; one that did would be the library's.
    rpc: () => router,
  };
  routes(router);
}

function isUnary(desc: DescMethod): desc is DescMethodUnary {
  return desc.methodKind === "unary";
}

function fromRequest(desc: DescMethodUnary, bytes: Uint8Array): Message {
  try {
    return fromBinary(desc.input, bytes);
  } catch (thrown) {
    throw new ConnectError(`parse binary: ${thrown instanceof Error ? thrown.message : thrown}`, Code.InvalidArgument);
  }
}

function toWebHeaders({ headers }: NodeRequest): Headers {
  const header = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !name.startsWith(":")) header.append(name, Array.isArray(value) ? value.join(", ") : value);
  return header;
}

function asConnectError(thrown: unknown): ConnectError {
  if (thrown instanceof ConnectError) return thrown;
  return new ConnectError("internal error", Code.Internal, undefined, undefined, thrown);
}

function gone(): ConnectError {
  return new ConnectError("the client went away", Code.Canceled);
}

function overTime(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}

const OVER = new ConnectError("the call is over", Code.Canceled);
const NO_HEADERS = new Headers();
