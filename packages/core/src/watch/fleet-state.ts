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
  isGone: boolean;
}

/** Hosts and rows after a series of changes, with their check sum; what a log serves and what a watcher holds. */
export class FleetState {
  #hosts = new Map<string, StoredHost>();
  #rowCount = 0;
  #digest = 0n;
  /** Every host in order, with those that are gone and before those that came, until somebody asks: to sort what is in order but for
   *  a few costs hardly more than to look at it, and a fleet whose hosts come one after another is not sorted for each. */
  #inOrder: StoredHost[] = [];
  #isInOrder = true;
  /** What was asked for since it changed last: with every answer, and most answers come between changes. */
  #hostList: readonly HostStatus[] | undefined;
  #rowList: readonly StoredRow[] | undefined;
  #agentList: readonly Agent[] | undefined;

  /** Applies one change. A row of a host that was never announced is dropped: rows without a host would be shown with
   *  nothing to say how fresh they are. */
  apply(change: FleetChange, rev: bigint): void {
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
    return this.#hosts.get(hostKeyOf(hostOfRow(key)))?.rows.get(rowKeyOf(key));
  }

  rowCountOf(key: Pick<HostKey, "tenantId" | "hostId" | "host">): number {
    return this.#hosts.get(hostKeyOf(key))?.rows.size ?? 0;
  }

  /** Every host, ordered by (tenant, host). The same list until something changes. */
  hosts(): readonly HostStatus[] {
    this.#hostList ??= this.#hostsInOrder().map((host) => host.status);
    return this.#hostList;
  }

  /** The rows of one host, ordered by name. */
  rowsOf(key: Pick<HostKey, "tenantId" | "hostId" | "host">): StoredRow[] {
    const host = this.#hosts.get(hostKeyOf(key));
    return host ? sortedRows(host) : [];
  }

  /** Every row, ordered by (tenant, host, name). The same list until something changes. */
  rows(): readonly StoredRow[] {
    this.#rowList ??= this.#hostsInOrder().flatMap(sortedRows);
    return this.#rowList;
  }

  /** Every row without its revision, in the same order. The same list until something changes. */
  agents(): readonly Agent[] {
    this.#agentList ??= this.rows().map((stored) => stored.row);
    return this.#agentList;
  }

  /** Every row in no order, for who only counts: putting 50,000 in order takes as long as a garbage collection. */
  *agentsInAnyOrder(): Generator<Agent> {
    for (const { rows } of this.#hosts.values()) for (const { row } of rows.values()) yield row;
  }

  #upsert(row: Agent, rev: bigint): void {
    const host = this.#hosts.get(hostKeyOf(row));
    if (!host) return;
    const key = rowKeyOf(row);
    this.#forget(host, key);
    this.#dropRows();
    host.rows.set(key, { row, rev });
    this.#rowCount += 1;
    this.#digest = addToDigest(this.#digest, rowDigest(key, rev));
  }

  #delete(key: AgentKey): void {
    const host = this.#hosts.get(hostKeyOf(hostOfRow(key)));
    if (host) this.#forget(host, rowKeyOf(key));
  }

  #setHost(status: HostStatus): void {
    const key = hostKeyOf(status);
    const stored = this.#hosts.get(key);
    this.#hostList = undefined;
    if (stored && stored.status.host === status.host) {
      stored.status = status;
      return;
    }
    // Another name is another place in the order, of its rows too.
    this.#isInOrder = false;
    if (stored) {
      stored.status = status;
      this.#dropRows();
      return;
    }
    const host = { status, rows: new Map(), isGone: false };
    this.#hosts.set(key, host);
    // Where nobody asks for the order, those that are gone must not gather.
    if (this.#inOrder.length > 2 * this.#hosts.size) this.#inOrder = this.#inOrder.filter((each) => !each.isGone);
    this.#inOrder.push(host);
  }

  #removeHost(key: HostKey): void {
    const host = this.#hosts.get(hostKeyOf(key));
    if (!host) return;
    for (const rowKey of [...host.rows.keys()]) this.#forget(host, rowKey);
    this.#hosts.delete(hostKeyOf(key));
    host.isGone = true;
    this.#isInOrder = false;
    this.#hostList = undefined;
  }

  #hostsInOrder(): readonly StoredHost[] {
    if (this.#isInOrder) return this.#inOrder;
    this.#inOrder = this.#inOrder.filter((host) => !host.isGone).sort((a, b) => compareHosts(a.status, b.status));
    this.#isInOrder = true;
    return this.#inOrder;
  }

  #dropRows(): void {
    this.#rowList = undefined;
    this.#agentList = undefined;
  }

  #forget(host: StoredHost, key: string): void {
    const old = host.rows.get(key);
    if (!old) return;
    this.#dropRows();
    host.rows.delete(key);
    this.#rowCount -= 1;
    this.#digest = addToDigest(this.#digest, -rowDigest(key, old.rev));
  }
}

function sortedRows({ rows }: StoredHost): StoredRow[] {
  return [...rows.values()].sort((a, b) => compareRows(a.row, b.row));
}

// Not spread: a whole row may be meant, and this is asked for each.
function hostOfRow({ tenantId, hostId }: Pick<AgentKey, "tenantId" | "hostId">): Pick<HostKey, "tenantId" | "hostId" | "host"> {
  return { tenantId, hostId, host: "" };
}
