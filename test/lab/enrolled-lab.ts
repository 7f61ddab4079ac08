import assert from "node:assert/strict";
import { chownSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { MOSAIC } from "../mesh/demo-fleet.ts";
import type { ProgramEnd, RunningProgram } from "../mesh/run-program.ts";
import type { Place } from "./lab-fleet.ts";
import type { HostTenant, LabHost } from "./lab-host.ts";
import { type Lab, startLab } from "./start-lab.ts";

/** The tenant whose user has the aggregator, on the first host. */
const OPS = 2;
const AGGREGATOR = MOSAIC[1].replace("cli/bin/mosaic.mjs", "aggregator/bin/mosaic-aggregator.mjs");
export const FLEET_PORT = 8443;
export const ENROL_PORT = 8444;

/** The authority is made so long ago, and its aggregator was off since: what it has at the start ended 24 days ago. */
const AUTHORITY_AGE_DAYS = 25;

const POLICY = `grants:
  - { role: admin, tenant: ops, who: user/olga }
  - { role: operator, tenant: team-a, who: user/ada }
  - { role: operator, tenant: team-b, who: user/bob }
`;

/** Hosts of a lab that an authority on the first of them lets in, over the lab's network and nothing else. */
export interface EnrolledLab extends AsyncDisposable {
  readonly lab: Lab;
  /** Where the aggregator and the authority are. */
  readonly hub: Place;
  /** Every host of both tenants that are let in. */
  readonly places: readonly Place[];
  mosaic(place: Place, ...args: string[]): Promise<ProgramEnd>;
  succeed(place: Place, ...args: string[]): Promise<string>;
  /** A line for a host, as it is pasted. */
  invite(tenantId: string, ...flags: string[]): Promise<string>;
  /** Starts a command and lets it run. */
  start(place: Place, ...args: string[]): RunningProgram;
  /** Puts a file into a tenant's home, as the tenant's own. */
  write(place: Place, path: string, text: string, mode?: number): void;
  read(place: Place, path: string): string;
  /** What the aggregator says of each host, by `tenant/host`. */
  states(): Promise<ReadonlyMap<string, string>>;
  /** Waits until hosts are LIVE. */
  live(...places: readonly Place[]): Promise<void>;
  /** What the aggregator wrote. */
  log(): string;
}

/** Boots hosts, makes an authority on the first, and starts the aggregator there. Nobody is in the fleet then. */
export async function startEnrolledLab(hosts: number, signal: AbortSignal): Promise<EnrolledLab> {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await startLab({ hosts, tenants: ["mlab-a", "mlab-b", "mlab-ops"] }, signal));
  const [first] = lab.hosts as [LabHost, ...LabHost[]];
  const hub: Place = { host: first, tenant: OPS, tenantId: "ops" };
  const places = lab.hosts.flatMap((host) => ["team-a", "team-b"].map((tenantId, tenant): Place => ({ host, tenant, tenantId })));
  const mosaic = (place: Place, ...args: string[]) => place.host.run(place.tenant, ["node", MOSAIC[1], ...args]);
  const succeed = async (place: Place, ...args: string[]) => {
    const end = await mosaic(place, ...args);
    assert.equal(end.exitCode, 0, `${nameOf(place)}: mosaic ${args.join(" ")}\n${end.stdout}${end.stderr}`);
    return end.stdout;
  };
  const write = (place: Place, path: string, text: string, mode = 0o600) => {
    const { outsideHome, uid } = tenantOf(place);
    writeFileSync(join(outsideHome, path), text, { mode });
    chownSync(join(outsideHome, path), uid, uid);
  };
  const read = (place: Place, path: string) => readFileSync(join(tenantOf(place).outsideHome, path), "utf8");
  await hub.host.run(OPS, ["mkdir", "-p", "-m", "700", ".config/mosaic/fleet"]);
  write(hub, ".config/mosaic/fleet/policy.yaml", POLICY, 0o644);
  await makeAuthority(hub);
  const daemon = stack.use(startAggregator(hub));
  const states = async () => {
    const { stdout, stderr } = await mosaic(hub, "host", "list", "--all-hosts", "--json");
    assert.notEqual(stdout, "", stderr);
    const { hosts: rows } = JSON.parse(stdout) as { hosts: { tenant_id: string; host: string; state: string }[] };
    return new Map(rows.map(({ tenant_id: tenantId, host, state }) => [`${tenantId}/${host}`, state]));
  };
  await eventually("the aggregator has renewed what ended while it was off", () => /renewed/.test(daemon.stderr()), 60_000);
  const opened = stack.move();
  return {
    ...{ lab, hub, places, mosaic, succeed, write, read, states },
    invite: async (tenantId, ...flags) => (await succeed(hub, "host", "invite", "--tenant", tenantId, ...flags)).trim(),
    start: (place, ...args) => place.host.spawn(place.tenant, ["node", MOSAIC[1], ...args]),
    async live(...wanted) {
      await eventually(
        `${wanted.map(nameOf).join(", ")} LIVE`,
        async () => {
          const now = await states();
          return wanted.every((place) => now.get(nameOf(place)) === "LIVE");
        },
        60_000,
      );
    },
    log: daemon.stderr,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export function nameOf({ tenantId, host }: Place): string {
  return `${tenantId}/${host.name}`;
}

export function tenantOf({ host, tenant }: Place): HostTenant {
  return host.tenants[tenant] ?? assert.fail(`${host.name} has no tenant ${tenant}`);
}

/** The real command on a clock of the past. */
async function makeAuthority(hub: Place): Promise<void> {
  const past = `const now = Date.now; Date.now = () => now() - ${AUTHORITY_AGE_DAYS} * 864e5`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(past)}` };
  const init = ["fleet", "ca", "init", "--fleet", "acme", "--tenant", "ops", "--user", "olga"];
  const { exitCode, stderr } = await hub.host.run(OPS, ["node", MOSAIC[1], ...init], { env });
  assert.equal(exitCode, 0, stderr);
}

function startAggregator({ host, tenant }: Place): RunningProgram {
  const listen = ["--listen", `https://0.0.0.0:${FLEET_PORT}`, "--enrol", `0.0.0.0:${ENROL_PORT}`];
  return host.spawn(tenant, ["node", AGGREGATOR, ...listen]);
}
