import type { TelemetryOptions } from "./telemetry-options.ts";

/** Who tells: the same in traces and in metrics. What the standard variables say goes before what the program says of itself. */
export function resourceAttributes({ serviceName, env, attributes }: TelemetryOptions): Record<string, string> {
  const named = env["OTEL_SERVICE_NAME"];
  return {
    "service.name": serviceName,
    ...attributes,
    ...parseResourceAttributes(env["OTEL_RESOURCE_ATTRIBUTES"]),
    ...(named ? { "service.name": named } : {}),
  };
}

function parseResourceAttributes(text = ""): Record<string, string> {
  try {
    const pairs = text.split(",").flatMap((pair) => {
      const [, key = "", value = ""] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
      return key === "" ? [] : [[decodeURIComponent(key), decodeURIComponent(value.trim())]];
    });
    return Object.fromEntries(pairs);
  } catch {
    // The standard: what can't be decoded is dropped as a whole. A daemon must not fail to start by it.
    return {};
  }
}
