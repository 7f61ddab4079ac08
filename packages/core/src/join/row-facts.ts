import type { HeartbeatHealthName } from "../health/heartbeat-health.ts";
import type { AgentPlace } from "./agent-places.ts";
import type { AgentTold } from "./agent-told.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";

/** Everything one row is made of, flat: two rows of the same facts are equal. */
export interface RowFacts extends AgentPlace {
  readonly tenantId: string;
  readonly host: string;
  readonly hostId: string;
  readonly reading: HeartbeatReading | undefined;
  readonly health: HeartbeatHealthName | undefined;
  readonly isWedged: boolean;
  readonly told: AgentTold | undefined;
  /** True when systemd was asked, and answered. */
  readonly hasUnits: boolean;
}
