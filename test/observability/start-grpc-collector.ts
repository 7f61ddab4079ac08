import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { findPython, HOW_TO_GET_PYTHON } from "../foreign/python-client.ts";
import { startProgram } from "../mesh/run-program.ts";
import { quietEnvironment } from "./quiet-environment.ts";

/** One request that a collector took in, its message as OpenTelemetry's own library reads it. */
export interface CollectedRequest {
  readonly signal: "traces" | "metrics";
  /** What came in the header, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a message that the test knows
  readonly request: any;
  /** Of the message, in bytes. */
  readonly size: number;
}

/** A collector that speaks gRPC. Disposing ends it. */
export interface GrpcCollector extends AsyncDisposable {
  readonly port: number;
  readonly requests: () => readonly CollectedRequest[];
}

/** Starts the collector of otlp-collector.py.
 *  @param tls files with its certificate and its key; it asks its callers for the same */
export async function startGrpcCollector(tls?: { readonly cert: string; readonly key: string }): Promise<GrpcCollector> {
  const script = join(import.meta.dirname, "otlp-collector.py");
  const env = { ...quietEnvironment(), PYTHONDONTWRITEBYTECODE: "1", GRPC_VERBOSITY: "NONE" };
  const program = startProgram([findPython() ?? "python3", script, ...(tls ? [tls.cert, tls.key] : [])], { env });
  let isGone = false;
  void program.ended.then(() => {
    isGone = true;
  });
  const lines = () => program.stdout().split("\n").slice(0, -1);
  try {
    const port = await eventually("the collector listens", () => {
      if (isGone) throw new Error(`the collector ended: ${program.stderr()}`);
      const [first] = lines();
      return first !== undefined && (JSON.parse(first) as { readonly port: number }).port;
    });
    return {
      port,
      requests: () =>
        lines()
          .slice(1)
          .map((line) => JSON.parse(line) as CollectedRequest),
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    };
  } catch (thrown) {
    await program[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Why there can be no such collector here; false: there can. */
export function whyNoGrpcCollector(): string | false {
  const python = findPython();
  const modules = ["-c", "import grpc, opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc"];
  return python !== undefined && spawnSync(python, modules, { env: quietEnvironment() }).status === 0 ? false : HOW_TO_GET_PYTHON;
}
