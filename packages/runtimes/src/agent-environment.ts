import type { RosterAgent } from "@mosaic/core";
import type { LaunchContext } from "./contract.ts";

/** Makes the variables that every agent gets, whatever its runtime: by these its hooks know who they report for. */
export function agentEnvironment(agent: RosterAgent, context: LaunchContext): Record<string, string> {
  return {
    MOSAIC_AGENT_NAME: agent.name,
    MOSAIC_TENANT: context.tenantId,
    MOSAIC_HOST: context.host,
    MOSAIC_HOME: context.mosaicHome,
    MOSAIC_NODE_SOCKET: context.nodeSocketPath,
    PATH: context.path,
    OTEL_RESOURCE_ATTRIBUTES: resourceAttributes(agent, context),
  };
}

// By these the runtime's own telemetry can be told apart by agent, and joined with ours.
function resourceAttributes({ name }: RosterAgent, { tenantId, host, resourceAttributes: own }: LaunchContext): string {
  const ours = { "mosaic.tenant": tenantId, "mosaic.host": host, "mosaic.agent": name };
  const pairs = Object.entries(ours).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return [...pairs, ...(own ? [own] : [])].join(",");
}
