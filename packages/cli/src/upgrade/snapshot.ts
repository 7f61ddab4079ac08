import type { GatewayRole } from "@mosaic/lifecycle";

/** How a host and its agents stood at one moment: what is verified before and after a switch. It is kept on disk in between. */
export interface Snapshot {
  readonly daemons: readonly SeenDaemon[];
  /** Hosts that are not seen by way of an aggregator: this one. */
  readonly hosts: readonly SeenHost[];
  readonly agents: readonly SeenAgent[];
  /** Types of what this host says is wrong. */
  readonly conditions: readonly string[];
  /** What the aggregator of this host tells of its hosts. Null: none answers. */
  readonly mesh: { readonly live: number; readonly total: number } | null;
  /** Why nobody can tell; empty: somebody did. */
  readonly problem: string;
}

export interface SeenDaemon {
  readonly role: GatewayRole;
  readonly answers: boolean;
  readonly version: string;
  readonly pid: number | null;
}

export interface SeenHost {
  readonly host: string;
  /** In capitals, as `fleet ps` says it. */
  readonly state: string;
}

export interface SeenAgent {
  readonly name: string;
  readonly live: boolean;
  /** Why it is not; empty: it is. */
  readonly why: string;
  /** Process of its pane. Null: it has none. */
  readonly pid: number | null;
}

/** Which version daemons are to be of after a switch: those that were started anew, and not those that were left alone. */
export interface ExpectedDaemons {
  readonly version: string;
  readonly roles: readonly GatewayRole[];
}

/** Says what is worse after a switch than it was before; empty: nothing, and then the switch may stand. What was bad before and is
 *  bad now is no fault of the switch. */
export function whatIsWorse(before: Snapshot, after: Snapshot, expected: ExpectedDaemons): readonly string[] {
  return [
    ...daemonsWorse(before, after, expected),
    ...(after.problem !== "" && before.problem === "" ? [`nobody can tell how this host stands: ${after.problem}`] : []),
    ...(after.problem === "" ? [...hostsWorse(before, after), ...agentsWorse(before, after)] : []),
    ...after.conditions
      .filter((type) => !before.conditions.includes(type))
      .map((type) => `this host says ${type}, and did not before`),
    ...meshWorse(before, after),
  ];
}

/** Names of agents whose process is another one than before: no switch ends agents, so somebody or something else did. */
export function startedAnew(before: Snapshot, after: Snapshot): readonly string[] {
  return before.agents
    .filter(({ name, pid }) => {
      const now = after.agents.find((agent) => agent.name === name)?.pid ?? null;
      return pid !== null && now !== null && now !== pid;
    })
    .map(({ name }) => name);
}

/** A snapshot in one line: `node 1.2.3 answers; host alpha LIVE; 2 of 2 agents live`. */
export function snapshotText({ daemons, hosts, agents, mesh, problem }: Snapshot): string {
  const live = agents.filter((agent) => agent.live).length;
  return [
    ...daemons.filter(({ answers }) => answers).map(({ role, version }) => `${role} ${version} answers`),
    ...(daemons.some(({ answers }) => answers) ? [] : ["no daemon answers"]),
    ...hosts.map(({ host, state }) => `host ${host} ${state}`),
    ...(mesh ? [`${mesh.live} of ${mesh.total} hosts of the fleet LIVE`] : []),
    problem === "" ? `${live} of ${agents.length} agents live` : problem,
  ].join("; ");
}

function daemonsWorse(before: Snapshot, after: Snapshot, { version, roles }: ExpectedDaemons): string[] {
  return before.daemons
    .filter(({ answers }) => answers)
    .flatMap(({ role }) => {
      const now = after.daemons.find((daemon) => daemon.role === role);
      if (!now?.answers) return [`mosaic-${role} does not answer`];
      if (roles.includes(role) && now.version !== version) return [`mosaic-${role} still runs ${now.version}`];
      return [];
    });
}

function hostsWorse(before: Snapshot, after: Snapshot): string[] {
  return before.hosts
    .filter(({ state }) => state === "LIVE")
    .flatMap(({ host }) => {
      const now = after.hosts.find((each) => each.host === host)?.state ?? "not there";
      return now === "LIVE" ? [] : [`host ${host} was LIVE and is ${now}`];
    });
}

function agentsWorse(before: Snapshot, after: Snapshot): string[] {
  return before.agents
    .filter(({ live }) => live)
    .flatMap(({ name }) => {
      const now = after.agents.find((agent) => agent.name === name);
      return now?.live ? [] : [`agent ${name} was live and is not: ${now?.why ?? "nobody names it any more"}`];
    });
}

/** Of a large fleet some host is always on its way somewhere: one in so many that are missing is no fault of this one. */
const MESH_TOLERANCE = 20;

function meshWorse({ mesh: before }: Snapshot, { mesh: after }: Snapshot): string[] {
  if (before === null) return [];
  if (after === null) return ["the aggregator does not tell its hosts"];
  const lost = before.live - after.live;
  return lost > Math.floor(before.live / MESH_TOLERANCE)
    ? [`${lost} of ${before.live} hosts of the fleet are not LIVE any more`]
    : [];
}
