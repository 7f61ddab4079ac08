import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import type { TelemetryOptions } from "./telemetry-options.ts";

const DEFAULT_SAMPLER = "parentbased_always_on";

/** Which traces are kept, by OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG. What they name wrongly is told, and the default is
 *  taken, as the standard asks; the library reads no environment. */
export function samplerOf({ env, log }: Pick<TelemetryOptions, "env" | "log">): Sampler {
  const named = env["OTEL_TRACES_SAMPLER"]?.trim() || DEFAULT_SAMPLER;
  const [, isByParent, kind] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(named) ?? [];
  if (kind === undefined) {
    log?.warn({ sampler: named }, `OTEL_TRACES_SAMPLER is none that is known: ${DEFAULT_SAMPLER} is taken`);
    return samplerOf({ env: {} });
  }
  const root = rootSampler(kind, env["OTEL_TRACES_SAMPLER_ARG"], log);
  return isByParent ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(kind: string, argument: string | undefined, log: TelemetryOptions["log"]): Sampler {
  if (kind === "always_off") return new AlwaysOffSampler();
  if (kind === "always_on") return new AlwaysOnSampler();
  const ratio = Number(argument?.trim() || "1");
  if (ratio >= 0 && ratio <= 1) return new TraceIdRatioBasedSampler(ratio);
  log?.warn({ ratio: argument }, "OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1: all traces are kept");
  return new TraceIdRatioBasedSampler(1);
}
