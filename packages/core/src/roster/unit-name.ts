/** The units that keep agents, as a pattern for systemd. */
export const AGENT_UNITS = "mosaic-agent@*.service";

/** Says which unit keeps an agent. Names are used as they are: a roster accepts only characters that systemd takes unescaped. */
export function agentUnit(agentName: string): string {
  return `${PREFIX}${agentName}${SUFFIX}`;
}

/** Says which agent a unit keeps; undefined for a unit that keeps none. The way back from {@link agentUnit}. */
export function agentOfUnit(unit: string): string | undefined {
  const name = unit.slice(PREFIX.length, -SUFFIX.length);
  return name !== "" && unit === agentUnit(name) ? name : undefined;
}

const PREFIX = "mosaic-agent@";
const SUFFIX = ".service";
