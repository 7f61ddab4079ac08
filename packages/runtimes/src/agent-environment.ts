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
  };
}
