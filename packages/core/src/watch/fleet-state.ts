import type { Agent, AgentKey, HostKey, HostStatus } from "@mosaic/wire";
import { addToDigest, rowDigest } from "./digest.ts";
import { compareHosts, compareRows, hostKeyOf, rowKeyOf } from "./keys.ts";

/** One step in the life of a view. */
export type FleetChange =
  | { readonly kind: "upsert"; readonly row: Agent }
  | { readonly kind: "delete"; readonly key: AgentKey }
  | { readonly kind: "host"; readonly status: HostStatus }
  | { readonly kind: "host-removed"; readonly key: HostKey };

export interface StoredRow {
  readonly row: Agent;
  /** Revision of the row's last change. */
  readonly rev: bigint;
}

interface StoredHost {
  status: HostStatus;
  readonly rows: Map<string, StoredRow>;
}

/** Hosts and rows after a series of changes, with their check sum; what a log serves and what a watcher holds. */
export class FleetState {
  #hosts = new Map<string, StoredHost>();
  #rowCount = 0;
  #digest = 0n;
  /** What was put in order since the last change: asked for with every answer, and most answers come between changes. */
  #ordered: { hosts?: readonly HostStatus[]; rows?: readonly StoredRow[]; agents?: readonly Agent[] } = {};

  /** Applies one change. A row of a host that was never announced is dropped: rows without a host would be shown with
   *  nothing to say how fresh they are. */
  apply(change: FleetChange, rev: bigint): void {
    this.#ordered = {};
    switch (change.kind) {
      case "upsert":
        return this.#upsert(change.row, rev);
      case "delete":
        return this.#delete(change.key);
      case "host":
        return this.#setHost(change.status);
      case "host-removed":
        return this.#removeHost(change.key);
      default:
        change satisfies never;
    }
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get hostCount(): number {
    return this.#hosts.size;
  }

  /** See `Bookmark.digest` in watch.proto. */
  get digest(): bigint {
    return this.#digest;
  }

  host(key: Pick<HostKey, "tenantId" | "hostId" | "host">): HostStatus | undefined {
    return this.#hosts.get(hostKeyOf(key))?.status;
  }

  row(key: Pick<AgentKey, "tenantId" | "hostId" | "name">): StoredRow | undefined {
    return this.#hosts.get(hostKeyOf({ ...key, host: "" }))?.rows.get(rowKeyOf(key));
  }

  rowCountOf(key: Pick<HostKey, "tenantId" | "hostId" | "host">): number {
    return this.#hosts.get(hostKeyOf(key))?.rows.size ?? 0;
  }

  /** Every host, ordered by (tenant, host). The same list until something changes. */
  hosts(): readonly HostStatus[] {
    this.#ordered.hosts ??= [...this.#hosts.values()].map((host) => host.status).sort(compareHosts);
    return this.#ordered.hosts;
  }

  /** The rows of one host, ordered by name. */
  rowsOf(key: Pick<HostKey, "tenantId" | "hostId" | "host">): StoredRow[] {
    return [...(this.#hosts.get(hostKeyOf(key))?.rows.values() ?? [])].sort((a, b) => compareRows(a.row, b.row));
  }

  /** Every row, ordered by (tenant, host, name). The same list until something changes. */
  rows(): readonly StoredRow[] {
    this.#ordered.rows ??= this.hosts().flatMap((host) => this.rowsOf(host));
    return this.#ordered.rows;
  }

  /** Every row without its revision, in the same order. The same list until something changes. */
  agents(): readonly Agent[] {
    this.#ordered.agents ??= this.rows().map((stored) => stored.row);
    return this.#ordered.agents;
  }

  #upsert(row: Agent, rev: bigint): void {
    const host = this.#hosts.get(hostKeyOf(row));
    if (!host) return;
    const key = rowKeyOf(row);
    this.#forget(host, key);
    host.rows.set(key, { row, rev });
    this.#rowCount += 1;
    this.#digest = addToDigest(this.#digest, rowDigest(key, rev));
  }

  #delete(key: AgentKey): void {
    const host = this.#hosts.get(hostKeyOf({ ...key, host: "" }));
    if (host) this.#forget(host, rowKeyOf(key));
  }

  #setHost(status: HostStatus): void {
    const stored = this.#hosts.get(hostKeyOf(status));
    if (stored) stored.status = status;
    else this.#hosts.set(hostKeyOf(status), { status, rows: new Map() });
  }

  #removeHost(key: HostKey): void {
    const host = this.#hosts.get(hostKeyOf(key));
    if (!host) return;
    for (const rowKey of [...host.rows.keys()]) this.#forget(host, rowKey);
    this.#hosts.delete(hostKeyOf(key));
  }

  #forget(host: StoredHost, key: string): void {
    const old = host.rows.get(key);
    if (!old) return;
    host.rows.delete(key);
    this.#rowCount -= 1;
    this.#digest = addToDigest(this.#digest, -rowDigest(key, old.rev));
  }
}
