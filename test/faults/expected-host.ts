/** A host that membership names, and what an answer that heard of it must hold. */
export interface ExpectedHost {
  readonly tenantId: string;
  readonly name: string;
  /** Names of its agents: they change what they do, none comes and none goes. */
  readonly agents: readonly string[];
  /** Where it serves, on loopback of its network. */
  readonly port: number;
}

/** Writes a membership file that expects these hosts. */
export function membershipOf(hosts: readonly ExpectedHost[]): string {
  const groups = hosts.map(({ tenantId, name, port }) => ({
    targets: [`127.0.0.1:${port}`],
    labels: { host: name, tenant: tenantId },
  }));
  return `${JSON.stringify(groups)}\n`;
}
