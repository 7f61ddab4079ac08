import { randomBytes } from "node:crypto";
import {
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromJsonString,
  type JsonObject,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { MosaicError, nearNames } from "@mosaic/core/light";
import { FleetService } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { safeJson } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, type Place, placesFor } from "../../remote/endpoints.ts";
import { networkRemote } from "../../remote/network-remote.ts";
import { streamError, withStream } from "../../remote/open-stream.ts";
import { METHOD_SUMMARIES } from "./method-summaries.ts";

/** Largest request that is read from standard input, in bytes. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** Calls any method of FleetService, or lists them. */
export async function run(invocation: Invocation, io: Io, given: CommandDeps): Promise<CommandResult> {
  const { args, flags, globals } = invocation;
  const [name, json] = args;
  if (name === undefined) return listMethods();
  const method = findMethod(name);
  const protocol = flags.text("protocol");
  if (protocol === "connect" && method.methodKind !== "unary") throw streamsGoByGrpc(method);
  const request = parseRequest(method, json === "-" ? await readInput(io) : (json ?? "{}"));
  const places = placesFor("anywhere", globals);
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const deps = flags.boolean("trace") ? tracedDeps(invocation, io, given) : given;
  const traceId = deps.traceparent?.split("-")[1];
  const notes = traceId === undefined ? [] : [`trace ${traceId}`];
  if (method.methodKind === "server_streaming") {
    // Known before the stream ends, which may be never.
    for (const note of notes) io.stderr.write(`${note}\n`);
    await withStream(places, deps, timeoutMs, {
      name: method.name,
      signal: io.signal,
      async work(client, signal) {
        const call = client[method.localName as "watch"] as unknown as StreamCall;
        for await (const message of call(request, { signal })) io.stdout.write(`${safeJson(toJson(method.output, message))}\n`);
      },
    });
    return { exitCode: 0 };
  }
  const wireRequest = toJson(method.input, request) as JsonObject;
  const call =
    protocol === "grpc" ? byGrpc(method, request, deps, io, timeoutMs) : byConnect(method, wireRequest, deps, timeoutMs);
  const response = await askFirst(places, call);
  const indent = io.stdout.isTerminal ? 2 : undefined;
  return {
    exitCode: 0,
    envelope: { schema: "mosaic.gateway.call/1", complete: true, method: method.name, trace_id: traceId ?? null, response },
    text: () => `${safeJson(response, indent)}\n`,
    notes,
  };
}

type UnaryCall = (place: Place) => Promise<object>;

function byConnect({ name }: CallableMethod, request: JsonObject, { remote }: CommandDeps, timeoutMs: number): UnaryCall {
  return (place) => remote.unary<object>(place.endpoint, name, request, timeoutMs);
}

/** The same as any gRPC client calls it: HTTP/2 and the binary form. */
function byGrpc(method: CallableMethod, request: Message, deps: CommandDeps, io: Io, timeoutMs: number): UnaryCall {
  return async (place) => {
    await using connection = await deps.remote.streams(place.endpoint);
    const call = connection.client[method.localName as "info"] as unknown as GrpcCall;
    try {
      return toJson(method.output, await call(request, { signal: io.signal, timeoutMs })) as JsonObject;
    } catch (thrown) {
      throw await streamError(thrown, { name: method.name, signal: io.signal }, place);
    }
  };
}

type GrpcCall = (request: Message, options: { signal: AbortSignal; timeoutMs: number }) => Promise<Message>;

/** Begins a trace where none is, so that what the daemons record of the call is found by its id. */
function tracedDeps({ globals }: Invocation, io: Io, deps: CommandDeps): CommandDeps {
  if (deps.traceparent !== undefined) return deps;
  const hex = (bytes: number) => randomBytes(bytes).toString("hex");
  const traceparent = `00-${hex(16)}-${hex(8)}-01`;
  const { mosaicHome } = globals;
  return { ...deps, traceparent, remote: networkRemote({ signal: io.signal, tracer: deps.tracer, traceparent, mosaicHome }) };
}

function streamsGoByGrpc({ name }: CallableMethod): MosaicError {
  return new MosaicError("USAGE", `${name} is a stream, and this command reads streams over gRPC`, {
    hint: "leave --protocol out, or see docs/reference/proto.md for curl",
  });
}

type StreamCall = (request: Message, options: { signal: AbortSignal }) => AsyncIterable<Message>;
type CallableMethod = DescMethodUnary | DescMethodServerStreaming;

function findMethod(name: string): CallableMethod {
  // `gateway call status` is what people try first.
  const wanted = name.toLowerCase() === "status" ? "info" : name.toLowerCase();
  const found = FleetService.methods.find((method) => method.name.toLowerCase() === wanted);
  if (found && isCallable(found)) return found;
  if (found) {
    throw new MosaicError("USAGE", `${found.name} talks both ways, which a command line can't`, {
      hint: "use mosaic agent attach",
    });
  }
  const near = nearNames(
    name,
    FleetService.methods.map((method) => method.name),
  );
  throw new MosaicError("USAGE", `FleetService has no method ${JSON.stringify(name.slice(0, 80))}`, {
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : "list them: mosaic gateway call",
  });
}

function isCallable(method: DescMethod): method is CallableMethod {
  return method.methodKind === "unary" || method.methodKind === "server_streaming";
}

async function readInput(io: Io): Promise<string> {
  return new TextDecoder().decode(await io.stdin.readAll(MAX_REQUEST_BYTES));
}

// Checked here and not only by the server, which skips fields it does not know: a misspelt field would select everything.
function parseRequest(method: CallableMethod, json: string): Message {
  try {
    return fromJsonString(method.input, json.trim() === "" ? "{}" : json);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MosaicError("USAGE", `not a ${method.input.name}: ${why}`, {
      hint: "see docs/reference/proto.md for its fields",
      cause,
    });
  }
}

function listMethods(): CommandResult {
  const methods = FleetService.methods.map((method) => ({
    name: method.name,
    kind: method.methodKind === "unary" ? "unary" : "stream",
    summary: METHOD_SUMMARIES[method.name] ?? "",
  }));
  const width = Math.max(...methods.map((method) => method.name.length));
  const line = (method: (typeof methods)[number]) =>
    `${method.name.padEnd(width)}  ${method.kind.padEnd(6)}  ${method.summary}`.trimEnd();
  return {
    exitCode: 0,
    envelope: { schema: "mosaic.gateway.call/1", complete: true, methods },
    text: () => `${methods.map(line).join("\n")}\n`,
  };
}
