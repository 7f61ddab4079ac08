import type { Agent, HostStatus, ListRequest } from "@mosaic/wire";
import { agedHost } from "./aged-host.ts";
import { fnv1a64 } from "./digest.ts";
import type { FleetLog } from "./fleet-log.ts";
import { compareRows } from "./keys.ts";
import { formatPageToken, type PageToken, parsePageToken } from "./page-token.ts";
import { isLivePin, type PinnedList, type PinnedLists } from "./pinned-lists.ts";
import { selectorText, selectsAll, selectsHost, selectsRow } from "./selector.ts";

/** Most rows in one reply: about 2 MB, under the 4 MiB that gRPC clients take by default. */
export const MAX_PAGE_ROWS = 10_000;

export interface ListPage {
  /** Ordered by (tenant, host, name). */
  readonly rows: readonly Agent[];
  /** Every expected host in scope, ordered by (tenant, host). */
  readonly hosts: readonly HostStatus[];
  /** Version of the log that the rows are of. */
  readonly epoch: string;
  readonly rev: bigint;
  /** Empty on the last page. */
  readonly nextPageToken: string;
  /** True when this page is not of the same instant as the first. */
  readonly isInconsistent: boolean;
}

/** What pages of one list may be made with. */
export interface ListPageOptions {
  /** A host's status as of now. Default: as it is in the log. */
  readonly asOfNow?: (status: HostStatus) => HostStatus;
  /** Keeps lists until their last page was read. Default: none is kept, and a later page is of its own instant. */
  readonly pins?: PinnedLists;
}

type PageWish = Pick<ListRequest, "selector" | "pageSize" | "pageToken">;

/** One page of the log's state. All pages of a list are of the instant of the first, hosts too, whose ages grow; where that
 *  is no longer kept the page continues after the last row's key, and says so.
 *  @throws MosaicError USAGE for a token that is not one of ours or belongs to another selector. */
export function listPage(log: FleetLog, request: PageWish, options: ListPageOptions = {}): ListPage {
  const { pins, asOfNow } = options;
  const selector = selectorHash(request);
  const token = request.pageToken === "" ? undefined : parsePageToken(request.pageToken, selector);
  const kept = token && token.pin !== "" ? pins?.find(token.pin) : undefined;
  // Another life of the daemon may have given the same name to another list.
  if (token && kept?.list.epoch === token.epoch) {
    const list = { ...kept.list, hosts: kept.list.hosts.map((host) => agedHost(host, kept.ageMs)) };
    return pageOf(pins, request, { list, offset: offsetAfter(list.rows, token), isInconsistent: false, pin: token.pin });
  }
  const list = currentList(log, request, asOfNow);
  if (!token) return pageOf(pins, request, { list, offset: 0, isInconsistent: false });
  const isSame = token.epoch === list.epoch && token.rev === list.rev.toString() && !isLivePin(token.pin);
  // A list that broke stays so to its last page: its tokens go on as the first page's did.
  const broken = isSame ? {} : { continues: token };
  return pageOf(pins, request, { list, offset: offsetAfter(list.rows, token), isInconsistent: !isSame, ...broken });
}

/** The first page of a list that was made otherwise than from the log, by asking every host. Later ones come from `listPage` while
 *  the list is kept. */
export function firstPageOf(list: PinnedList, request: PageWish, pins: PinnedLists): ListPage {
  return pageOf(pins, request, { list, offset: 0, isInconsistent: false });
}

function currentList(log: FleetLog, { selector }: PageWish, asOfNow: ListPageOptions["asOfNow"]): PinnedList {
  const hosts = log.state.hosts().filter((host) => selectsHost(selector, host));
  const all = log.state.agents();
  // The whole list goes out as itself, so that its bytes can be kept from one answer to the next.
  const rows = selectsAll(selector) ? all : all.filter((row) => selectsRow(selector, row));
  return { rows, hosts: asOfNow ? hosts.map((host) => asOfNow(host)) : hosts, epoch: log.epoch, rev: log.rev };
}

interface Place {
  readonly list: PinnedList;
  readonly offset: number;
  readonly isInconsistent: boolean;
  /** Its name, where it is kept already. */
  readonly pin?: string;
  /** The token of a list that this page is no part of any more. */
  readonly continues?: PageToken;
}

function pageOf(pins: PinnedLists | undefined, request: PageWish, place: Place): ListPage {
  const { list, offset, isInconsistent } = place;
  const size = request.pageSize === 0 ? MAX_PAGE_ROWS : Math.min(request.pageSize, MAX_PAGE_ROWS);
  const isWhole = offset === 0 && list.rows.length <= size;
  const rows = isWhole ? list.rows : list.rows.slice(offset, offset + size);
  const last = rows.at(-1);
  const hasMore = last !== undefined && offset + rows.length < list.rows.length;
  const { epoch, rev, hosts } = list;
  const page = { rows, hosts, epoch, rev, isInconsistent };
  if (!hasMore) return { ...page, nextPageToken: "" };
  const selector = selectorHash(request);
  const version = place.continues ?? { epoch, rev: rev.toString(), pin: place.pin ?? pins?.pin(list, selector) ?? "" };
  return { ...page, nextPageToken: formatPageToken({ ...version, after: last, selector }) };
}

function selectorHash({ selector }: PageWish): string {
  return fnv1a64(selectorText(selector)).toString(16);
}

// The first row behind the token's, by halving: the list is in order.
function offsetAfter(rows: readonly Agent[], { after }: PageToken): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row && compareRows(row, after) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
