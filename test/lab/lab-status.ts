import type { HostState } from "./lab-host.ts";
import { isAbandoned, type LabRecord, type TenantRecord } from "./lab-record.ts";
import { openLab } from "./start-lab.ts";

/** What `lab status --json` prints. */
export interface LabsStatus {
  readonly schema: "mosaic.lab.v1";
  readonly labs: readonly LabStatus[];
}

interface LabStatus {
  readonly id: string;
  readonly folder: string;
  readonly kind: LabRecord["kind"];
  /** Its process is gone: the next lab, or `lab down`, removes what it left. */
  readonly isAbandoned: boolean;
  readonly tenants: readonly TenantRecord[];
  readonly hosts: readonly (HostState & { readonly name: string; readonly address: string })[];
}

/** Looks at labs as they are now. */
export async function readStatus(records: readonly LabRecord[]): Promise<LabsStatus> {
  return { schema: "mosaic.lab.v1", labs: await Promise.all(records.map(readLab)) };
}

/** Prints labs as a table for people. */
export async function formatStatus(records: readonly LabRecord[]): Promise<string> {
  const { labs } = await readStatus(records);
  return labs.length === 0 ? "no lab\n" : labs.map(formatLab).join("\n");
}

async function readLab(record: LabRecord): Promise<LabStatus> {
  const { id, folder, kind, tenants } = record;
  const hosts = openLab(record).hosts.map(async (host) => ({ name: host.name, address: host.address, ...(await host.state()) }));
  return { id, folder, kind, isAbandoned: isAbandoned(record), tenants, hosts: await Promise.all(hosts) };
}

function formatLab(lab: LabStatus): string {
  const tenants = lab.tenants.map(({ name, uid }) => `${name} (${uid})`).join(", ");
  const rows = lab.hosts.map(({ name, address, power, cut, processes }) => [
    name,
    address,
    power,
    cut === undefined ? "-" : `cut ${cut}`,
    processes,
  ]);
  const lines = rows.map(
    ([name, address, power, cut, processes]) =>
      `  ${`${name}`.padEnd(16)} ${`${address}`.padEnd(15)} ${`${power}`.padEnd(7)} ${`${cut}`.padEnd(9)} ${processes} processes\n`,
  );
  return `lab ${lab.id}${lab.isAbandoned ? ", abandoned" : ""}: tenants ${tenants}; files in ${lab.folder}\n${lines.join("")}`;
}
