import { isOfKind, MosaicError, type PartialAddress, parseAddress } from "@mosaic/core/light";
import { parseDurationMs } from "../parse/duration.ts";
import type { FlagValues } from "../parse/flag-values.ts";
import type { ListedEvent } from "./listed-event.ts";

/** What of all that happened is asked for. */
export interface EventsQuestion {
  /** Counted from the last. */
  readonly lines: number;
  /** Empty: every kind, and records too. */
  readonly kinds: readonly string[];
  /** Actions of records, and kinds; empty: all. */
  readonly actions: readonly string[];
  readonly agents: readonly PartialAddress[];
  readonly hosts: readonly string[];
  /** 0: all. */
  readonly sinceUnixMs: number;
}

const DEFAULT_LINES = 50;
const MAX_LINES = 10_000;
/** A hundred years: no timer waits for it. */
const MAX_SINCE_MS = 36_500 * 86_400_000;

/** Reads what is asked for off a command line.
 *  @throws MosaicError USAGE */
export function eventsQuestion(flags: FlagValues, nowUnixMs: number): EventsQuestion {
  const since = flags.text("since");
  // Who names a time wants all since then.
  const lines = flags.integer("tail") ?? (since === undefined ? DEFAULT_LINES : MAX_LINES);
  if (lines < 1 || lines > MAX_LINES) throw new MosaicError("USAGE", `--tail must be 1 to ${MAX_LINES}, not ${lines}`);
  return {
    ...{ lines, kinds: flags.texts("kind"), actions: flags.texts("action"), hosts: flags.texts("host") },
    agents: flags.texts("agent").map(parseAddress),
    sinceUnixMs: since === undefined ? 0 : nowUnixMs - parseDurationMs(since, "--since", MAX_SINCE_MS),
  };
}

/** Makes what tells whether something that happened is asked for. */
export function isAskedBy({ kinds, actions, agents, hosts, sinceUnixMs }: EventsQuestion): (item: ListedEvent) => boolean {
  const since = sinceUnixMs <= 0 ? "" : new Date(sinceUnixMs).toISOString();
  return ({ type, at, action, agent, host }) =>
    at >= since &&
    isOfKind(action, actions) &&
    (kinds.length === 0 || (type === "event" && isOfKind(action, kinds))) &&
    (hosts.length === 0 || hosts.includes(host)) &&
    (agents.length === 0 || agents.some((each) => isAgent(agent, each)));
}

// A record may name an agent by less than its whole address.
function isAgent(agent: string | null, wanted: PartialAddress): boolean {
  if (agent === null) return false;
  const [name, host, tenantId] = agent.split("/").reverse();
  const isSame = (told: string | undefined, asked: string) => asked === "" || told === undefined || told === asked;
  return name === wanted.name && isSame(host, wanted.host) && isSame(tenantId, wanted.tenantId);
}
