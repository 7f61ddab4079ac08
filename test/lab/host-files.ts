import { randomBytes } from "node:crypto";
import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostRecord, LabRecord, TenantRecord } from "./lab-record.ts";

/** What hosts see of the machine besides its system, see LabOptions. */
export interface HostView {
  readonly readOnly: readonly string[];
  readonly programs: Readonly<Record<string, string>>;
}

/** Writes what a host keeps over reboots: homes, identity, who lingers; and the lists that host-init.sh reads. */
export function writeHostFiles(record: LabRecord, host: HostRecord, view: HostView): void {
  const write = (name: string, text: string) => writeFileSync(join(host.folder, name), text);
  for (const name of ["etc", "homes", "linger"]) mkdirSync(join(host.folder, name), { recursive: true });
  write("etc/passwd", systemAccounts("/etc/passwd") + record.tenants.map(passwdLine).join(""));
  write("etc/group", systemAccounts("/etc/group") + record.tenants.map(({ name, uid }) => `${name}:x:${uid}:\n`).join(""));
  write(
    "etc/hosts",
    record.hosts.reduce((text, { address, name }) => `${text}${address}\t${name}\n`, "127.0.0.1\tlocalhost\n"),
  );
  write("etc/hostname", `${host.name}\n`);
  write("etc/machine-id", `${randomBytes(16).toString("hex")}\n`);
  write("tenants", record.tenants.map(({ name, uid, home }) => `${name}\t${uid}\t${home}\n`).join(""));
  write("read-only", view.readOnly.map((path) => `${path}\n`).join(""));
  write(
    "programs",
    Object.entries(view.programs)
      .map(([name, path]) => `${name}\t${path}\n`)
      .join(""),
  );
  for (const tenant of record.tenants) prepareTenant(host, tenant);
}

/** Where a tenant's home on a host is, as seen from outside. */
export function outsideHome(host: HostRecord, tenant: TenantRecord): string {
  return join(host.folder, "homes", tenant.name);
}

function prepareTenant(host: HostRecord, tenant: TenantRecord): void {
  const home = outsideHome(host, tenant);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chownSync(home, tenant.uid, tenant.uid);
  // What `loginctl enable-linger` leaves behind: the user manager starts at boot, without a login.
  writeFileSync(join(host.folder, "linger", tenant.name), "");
}

/** The machine's own accounts, without those of people. */
function systemAccounts(path: string): string {
  const lines = readFileSync(path, "utf8").split("\n");
  const isOfSystem = (id: number) => id < 1000 || id === 65534;
  return lines
    .filter((line) => line !== "" && isOfSystem(Number(line.split(":")[2])))
    .map((line) => `${line}\n`)
    .join("");
}

function passwdLine({ name, uid, home }: TenantRecord): string {
  return `${name}:x:${uid}:${uid}::${home}:/bin/sh\n`;
}
