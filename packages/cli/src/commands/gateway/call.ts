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
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { withStream } from "../../remote/open-stream.ts";
import { METHOD_SUMMARIES } from "./method-summaries.ts";

/** Largest request that is read from standard input, in bytes. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** Calls any method of FleetService, or lists them. */
export async function run({ args, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const [name, json] = args;
  if (name === undefined) return listMethods();
  const method = findMethod(name);
  const request = parseRequest(method, json === "-" ? await readInput(io) : (json ?? "{}"));
  const places = placesFor("anywhere", globals);
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (method.methodKind === "server_streaming") {
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
  const response = await askFirst(places, (place) =>
    deps.remote.unary<object>(place.endpoint, method.name, wireRequest, timeoutMs),
  );
  const indent = io.stdout.isTerminal ? 2 : undefined;
  return {
    exitCode: 0,
    envelope: { schema: "mosaic.gateway.call/1", complete: true, method: method.name, response },
    text: () => `${safeJson(response, indent)}\n`,
  };
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
