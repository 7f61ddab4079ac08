import type { AgentJson, HostStatusJson } from "@mosaic/wire";

/** The wall clock of the hosts in these tests, in ms. */
export const HOST_NOW_MS = 1_763_716_800_000;

/** A LIVE host, heard from just now. */
export function hostJson(host: string, more: Partial<HostStatusJson> = {}): HostStatusJson {
  return {
    tenantId: "team-a",
    host,
    hostId: `id-${host}`,
    state: "HOST_STATE_LIVE",
    asOfUnixMs: String(HOST_NOW_MS),
    asOfRev: "7",
    via: ["agg-1"],
    agentCount: 1,
    address: `http://${host}.test:8787`,
    version: "1.2.3",
    ...more,
  };
}

/** A claude at work on a host, with everything a row can hold. */
export function agentJson(host: string, name: string, more: Partial<AgentJson> = {}): AgentJson {
  return {
    tenantId: "team-a",
    host,
    hostId: `id-${host}`,
    name,
    runtime: "claude",
    agentClass: "orchestrator",
    lifecycle: "LIFECYCLE_CORE",
    inRoster: true,
    state: "AGENT_STATE_WORKING",
    systemd: { unit: `mosaic-agent@${name}.service`, active: "active", enabled: "enabled", sub: "running", result: "success" },
    pane: { paneId: "%1", session: name, alive: true, command: "claude", pid: 4121, lastActivityUnixMs: String(HOST_NOW_MS) },
    heartbeat: {
      atUnixMs: String(HOST_NOW_MS - 2000),
      intervalMs: 15_000,
      health: "HEARTBEAT_HEALTH_HEALTHY",
      evidence: "EVIDENCE_HOOK",
      status: "HEARTBEAT_STATUS_BUSY",
    },
    ...more,
  };
}

/** When something was, that many ms before now, on the clock of the hosts. */
export function ago(ms: number): string {
  return String(HOST_NOW_MS - ms);
}
