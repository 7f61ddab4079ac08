import type { Agent, HostStatus, ListRequest } from "@mosaic/wire";
import { MosaicError } from "../errors.ts";
import { fnv1a64 } from "./digest.ts";
import type { FleetLog } from "./fleet-log.ts";
import { compareRows } from "./keys.ts";
import { selectorText, selectsAll, selectsHost, selectsRow } from "./selector.ts";

/** Most rows in one reply: about 2 MB, under the 4 MiB that gRPC clients take by default. */
export const MAX_PAGE_ROWS = 10_000;

export interface ListPage {
  /** Ordered by (tenant, host, name). */
  readonly rows: readonly Agent[];
  /** Every expected host in scope, ordered by (tenant, host). */
  readonly hosts: readonly HostStatus[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
  /** True when the log moved on since the first page. */
  readonly isInconsistent: boolean;
}

/** One page of the log's state. Pages continue after a key, so that a page costs no memory between calls.
 *  @throws MosaicError USAGE for a token that is not one of ours or belongs to another selector. */
export function listPage(log: FleetLog, request: Pick<ListRequest, "selector" | "pageSize" | "pageToken">): ListPage {
  const selector = fnv1a64(selectorText(request.selector)).toString(16);
  const start = request.pageToken === "" ? undefined : parsePageToken(request.pageToken, selector);
  const hosts = log.state.hosts().filter((host) => selectsHost(request.selector, host));
  const all = log.state.agents();
  const isWhole = selectsAll(request.selector) && !start;
  const wanted = isWhole
    ? all
    : all.filter((row) => selectsRow(request.selector, row) && (!start || compareRows(row, start.after as Agent) > 0));
  const size = request.pageSize === 0 ? MAX_PAGE_ROWS : Math.min(request.pageSize, MAX_PAGE_ROWS);
  // The whole list goes out as itself, so that its bytes can be kept from one answer to the next.
  const page = wanted.length <= size ? wanted : wanted.slice(0, size);
  const last = page.at(-1);
  const version = start ? { epoch: start.epoch, rev: start.rev } : { epoch: log.epoch, rev: log.rev.toString() };
  return {
    rows: page,
    hosts,
    nextPageToken: last && wanted.length > page.length ? formatPageToken(version, last, selector) : "",
    isInconsistent: version.epoch !== log.epoch || version.rev !== log.rev.toString(),
  };
}

type RowPosition = Pick<Agent, "tenantId" | "host" | "hostId" | "name">;

// Carries a hash of the selector: in full, a selector of some hundred hosts would make a token longer than a token may be.
function formatPageToken(version: { epoch: string; rev: string }, after: RowPosition, selector: string): string {
  return JSON.stringify([1, version.epoch, version.rev, after.tenantId, after.host, after.hostId, after.name, selector]);
}

function parsePageToken(token: string, selector: string): { epoch: string; rev: string; after: RowPosition } {
  const parts = parseStrings(token);
  const [epoch, rev, tenantId, host, hostId, name, tokenSelector] = parts;
  if (parts.length !== 7 || epoch === undefined || rev === undefined) throw badToken("it is not one of this server's");
  if (tokenSelector !== selector) throw badToken("it belongs to another selector");
  return { epoch, rev, after: { tenantId: tenantId ?? "", host: host ?? "", hostId: hostId ?? "", name: name ?? "" } };
}

function parseStrings(token: string): string[] {
  try {
    const parts: unknown = JSON.parse(token);
    if (Array.isArray(parts) && parts[0] === 1 && parts.slice(1).every((part) => typeof part === "string")) return parts.slice(1);
  } catch {
    // Anything may be handed in as a token; what is not JSON falls through to the one answer below.
  }
  return [];
}

function badToken(why: string): MosaicError {
  return new MosaicError("USAGE", `cannot continue the list: page token: ${why}`, { hint: "list again without a page token" });
}
