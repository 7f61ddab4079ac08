import { randomUUID } from "node:crypto";
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Credentials,
  createFleetCa,
  fixedIdentity,
  formatCredentials,
  type Identity,
  issueLeaf,
  newKey,
  publicKeyOf,
} from "@mosaic/identity";
import { connectFleet, type Endpoint, type FleetConnection, parseEndpoint } from "@mosaic/rpc";
import { type DaemonHome, daemonHome, quietRoster } from "./daemon-home.ts";

export const FLEET = "acme";

/** What a refused or admitted call left in a node's audit. */
export interface AuditLine {
  readonly action: string;
  readonly actor: string;
  readonly agent?: string;
  readonly facts: Readonly<Record<string, string>>;
}

export interface WalledHost {
  readonly home: DaemonHome;
  readonly tenantId: string;
  readonly host: string;
  readonly hostId: string;
  readonly endpoint: Endpoint;
  /** What its node put on record of calls from outside. */
  audit(): Promise<AuditLine[]>;
}

/** A fleet of certificates that a test makes itself. */
export async function walledFleet() {
  const ca = await createFleetCa(FLEET, Date.now());
  const trust = { fleet: FLEET, roots: [ca.root.certificate] };
  const credentialsOf = async (identity: Identity, ttlMs?: number): Promise<Credentials> => {
    const key = newKey();
    const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: Date.now(), ttlMs });
    return { identity, key, chain: [leaf, ca.intermediate.certificate] };
  };
  const enrol = async (home: DaemonHome, identity: Identity, policy?: string): Promise<Credentials> => {
    const credentials = await credentialsOf(identity);
    await writeIdentity(home, credentials, ca.root.certificate.toString());
    if (policy !== undefined) await home.write("fleet/policy.yaml", policy);
    return credentials;
  };
  const clientOf = (endpoint: Endpoint, credentials: Credentials): FleetConnection =>
    connectFleet(endpoint, { tls: { identity: fixedIdentity(trust, credentials) } });
  return { ca, trust, credentialsOf, enrol, clientOf };
}

export type WalledFleet = Awaited<ReturnType<typeof walledFleet>>;

/** Puts somebody's identity into a home, as enrolment does. */
async function writeIdentity(home: DaemonHome, credentials: Credentials, roots: string): Promise<void> {
  await home.write("fleet/identity/roots.pem", roots);
  await home.write("fleet/identity/credentials.pem", formatCredentials(credentials));
  await chmod(join(home.mosaicHome, "fleet/identity/credentials.pem"), 0o600);
}

/** Starts the node of a tenant with TLS on a port of its own. */
export async function walledNode(
  stack: AsyncDisposableStack,
  fleet: WalledFleet,
  { tenantId, host, agents, policy }: { tenantId: string; host: string; agents: readonly string[]; policy: string },
): Promise<WalledHost> {
  const home = stack.use(await daemonHome({ name: host, fromSource: true }));
  const hostId = randomUUID();
  await home.write("fleet/host_id", `${hostId}\n`);
  await home.write("fleet/roster.yaml", quietRoster(host, agents).replace("tenant: team-a", `tenant: ${tenantId}`));
  await fleet.enrol(home, { kind: "node", fleet: FLEET, tenantId, hostId }, policy);
  const { record } = await home.serves("node", "--no-systemd", "--listen", "https://127.0.0.1:0");
  const endpoint = parseEndpoint(record.endpoints.find((text) => text.startsWith("https:")) ?? "");
  const audit = async () => {
    const text = await readFile(join(home.mosaicHome, "fleet/audit.jsonl"), "utf8").catch(() => "");
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as AuditLine).filter(({ action }) => action.startsWith("call."));
  };
  return { home, tenantId, host, hostId, endpoint, audit };
}

/** Starts an aggregator with TLS over nodes. */
export async function walledAggregator(
  stack: AsyncDisposableStack,
  fleet: WalledFleet,
  hosts: readonly { readonly tenantId: string; readonly host: string; readonly text: string }[],
  policy: string,
): Promise<{ home: DaemonHome; endpoint: Endpoint }> {
  const home = stack.use(await daemonHome({ name: "agg", fromSource: true }));
  const groups = hosts.map(
    ({ tenantId, host, text }) => `- targets: ["${text}"]\n  labels: { host: ${host}, tenant: ${tenantId} }\n`,
  );
  await home.write("fleet/hosts.yaml", groups.join(""));
  await fleet.enrol(home, { kind: "aggregator", fleet: FLEET, id: "agg-1" }, policy);
  const { record } = await home.serves("aggregator", "--listen", "https://127.0.0.1:0");
  return { home, endpoint: parseEndpoint(record.endpoints.find((text) => text.startsWith("https:")) ?? "") };
}
