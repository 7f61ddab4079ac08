import assert from "node:assert/strict";
import { test } from "node:test";
import { aHostStatus, anAgent, aSelector, FakeClock } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { MosaicError } from "../errors.ts";
import { FleetLog } from "./fleet-log.ts";
import { agentKeyOf } from "./keys.ts";
import { firstPageOf, listPage, MAX_PAGE_ROWS } from "./list-page.ts";
import { PinnedLists } from "./pinned-lists.ts";

function logOf(hosts: readonly string[], names: readonly string[]): FleetLog {
  const log = new FleetLog({ epoch: "e" });
  for (const host of hosts) {
    log.publish([{ kind: "host", status: aHostStatus({ host }) }]);
    log.publish(names.map((name) => ({ kind: "upsert", row: anAgent({ host, name }) })));
  }
  return log;
}

function pages(log: FleetLog, pageSize: number, between: (page: number) => void = () => {}) {
  const found = [];
  let pageToken = "";
  do {
    const page = listPage(log, { pageSize, pageToken });
    found.push(page);
    pageToken = page.nextPageToken;
    between(found.length);
  } while (pageToken !== "");
  return found;
}

const nameOf = (row: { host: string; name: string }) => `${row.host}/${row.name}`;

test("pages hold every row once, in order, whatever their size", () => {
  const log = logOf(["beta", "alpha"], ["c", "a", "b"]);
  for (let size = 1; size <= 7; size += 1) {
    const names = pages(log, size).flatMap((page) => page.rows.map(nameOf));
    assert.deepEqual(names, ["alpha/a", "alpha/b", "alpha/c", "beta/a", "beta/b", "beta/c"], `size ${size}`);
  }
});

test("a page that just fits has no next page", () => {
  const log = logOf(["alpha"], ["a", "b"]);
  assert.equal(listPage(log, { pageSize: 2, pageToken: "" }).nextPageToken, "");
  assert.equal(pages(log, 1).length, 2);
});

test("rows that come and go between pages are neither repeated nor skipped around, and the page says so", () => {
  const log = logOf(["alpha"], ["b", "d", "f", "h"]);
  const found = pages(log, 2, (page) => {
    if (page !== 1) return;
    log.publish([{ kind: "delete", key: agentKeyOf(anAgent({ name: "d" })) }]);
    for (const name of ["a", "e"]) log.publish([{ kind: "upsert", row: anAgent({ name }) }]);
  });
  assert.deepEqual(
    found.flatMap((page) => page.rows.map((row) => row.name)),
    ["b", "d", "e", "f", "h"],
  );
  assert.deepEqual(
    found.map((page) => page.isInconsistent),
    [false, true, true],
  );
});

test("a token goes on in another lifetime of the log, and says that the pages are not one instant", () => {
  const { nextPageToken } = listPage(logOf(["alpha"], ["a", "b"]), { pageSize: 1, pageToken: "" });
  const restarted = new FleetLog({ epoch: "another" });
  restarted.publish([
    { kind: "host", status: aHostStatus() },
    { kind: "upsert", row: anAgent({ name: "b" }) },
  ]);
  const page = listPage(restarted, { pageSize: 1, pageToken: nextPageToken });
  assert.deepEqual([page.rows.map((row) => row.name), page.isInconsistent], [["b"], true]);
});

test("two hosts of one name are told apart by their id, also across a page's border", () => {
  const log = new FleetLog({ epoch: "e" });
  for (const hostId of ["1", "2"]) {
    log.publish([{ kind: "host", status: aHostStatus({ hostId }) }]);
    for (const name of ["a", "b"]) log.publish([{ kind: "upsert", row: anAgent({ hostId, name }) }]);
  }
  assert.deepEqual(
    pages(log, 1).flatMap((page) => page.rows.map((row) => row.hostId + row.name)),
    ["1a", "1b", "2a", "2b"],
  );
});

test("a page is never larger than what a gRPC client takes by default", () => {
  const log = logOf(
    ["alpha"],
    Array.from({ length: MAX_PAGE_ROWS + 1 }, (_, index) => `a${index}`),
  );
  for (const pageSize of [0, MAX_PAGE_ROWS + 1]) {
    const page = listPage(log, { pageSize, pageToken: "" });
    assert.equal(page.rows.length, MAX_PAGE_ROWS);
    assert.notEqual(page.nextPageToken, "");
  }
});

test("a token fits into a request, whatever the names and the selector", () => {
  const log = new FleetLog({ epoch: "0123456789abcdef0123456789abcdef" });
  const long = { tenantId: "t".repeat(64), host: "h".repeat(253), hostId: "i".repeat(36) };
  log.publish([{ kind: "host", status: aHostStatus(long) }]);
  for (const end of ["a", "b"]) log.publish([{ kind: "upsert", row: anAgent({ ...long, name: "n".repeat(199) + end }) }]);
  const selector = aSelector({ hosts: [long.host, ...Array.from({ length: 5000 }, (_, index) => `host-${index}`)] });
  const { nextPageToken } = listPage(log, { selector, pageSize: 1, pageToken: "" });
  assert.ok(nextPageToken.length > 0 && nextPageToken.length <= 2048, `${nextPageToken.length} characters`);
  assert.equal(listPage(log, { selector, pageSize: 1, pageToken: nextPageToken }).rows.length, 1);
});

test("a token that is none, or of another selector, is refused with what to do", () => {
  const log = logOf(["alpha"], ["a", "b"]);
  const { nextPageToken } = listPage(log, { pageSize: 1, pageToken: "" });
  const isRefusal = (thrown: unknown) => thrown instanceof MosaicError && thrown.code === "USAGE" && thrown.hint !== undefined;
  for (const pageToken of [
    "x",
    "{}",
    "[1]",
    "[2,1,2,3,4,5,6,7]",
    JSON.stringify([1, "", "", "", "", "", ""]),
    nextPageToken.slice(1),
  ]) {
    assert.throws(() => listPage(log, { pageSize: 1, pageToken }), isRefusal, pageToken);
  }
  assert.throws(() => listPage(log, { pageSize: 1, pageToken: nextPageToken, selector: aSelector({ names: ["a"] }) }), isRefusal);
});

const remove = (log: FleetLog, name: string) => log.publish([{ kind: "delete", key: agentKeyOf(anAgent({ name })) }]);
const namesOf = (page: { rows: readonly { name: string }[] }) => page.rows.map((row) => row.name);

test("a page token is pinned to the version of its first page for 5 min, afterwards the page says that it is inconsistent", async () => {
  const clock = new FakeClock();
  const pins = new PinnedLists(clock);
  const log = logOf(["alpha"], ["a", "b", "c", "d", "e"]);
  const first = listPage(log, { pageSize: 1, pageToken: "" }, { pins });
  for (const name of ["b", "c", "d"]) remove(log, name);
  let page = first;
  for (const name of ["b", "c", "d"]) {
    // Each page that is read keeps the list for another 5 min.
    await clock.advance(4.9 * 60_000);
    page = listPage(log, { pageSize: 1, pageToken: page.nextPageToken }, { pins });
    assert.deepEqual([namesOf(page), page.rev, page.isInconsistent], [[name], first.rev, false]);
  }
  await clock.advance(5.1 * 60_000);
  assert.equal(pins.size, 1);
  const late = listPage(log, { pageSize: 1, pageToken: first.nextPageToken }, { pins });
  assert.deepEqual([namesOf(late), late.isInconsistent, pins.size], [["e"], true, 0]);
});

test("the hosts of a later page are those of the first, and as old as they are by then", async () => {
  const clock = new FakeClock();
  const pins = new PinnedLists(clock);
  const log = logOf(["alpha", "beta"], ["a", "b"]);
  const asOfNow = <T extends { ageMs: bigint }>(status: T) => ({ ...status, ageMs: 500n });
  const first = listPage(log, { pageSize: 1, pageToken: "" }, { pins, asOfNow });
  await clock.advance(2000);
  log.publish([{ kind: "host-removed", key: { ...aHostStatus({ host: "beta" }), $typeName: "mosaic.fleet.v1.HostKey" } }]);
  const second = listPage(log, { pageSize: 1, pageToken: first.nextPageToken }, { pins, asOfNow });
  assert.deepEqual(
    second.hosts.map((host) => [host.host, host.state, host.ageMs]),
    ["alpha", "beta"].map((host) => [host, HostState.LIVE, 2500n]),
  );
  await clock.advance(6000);
  const third = listPage(log, { pageSize: 1, pageToken: second.nextPageToken }, { pins, asOfNow });
  assert.deepEqual(
    third.hosts.map((host) => host.state),
    [HostState.STALE, HostState.STALE],
    "rows of 8 s ago are not live",
  );
});

test("lists of one version are kept once, and who only reads first pages can't make a daemon remember everything", () => {
  const clock = new FakeClock();
  const pins = new PinnedLists(clock, { maxRows: 10 });
  const log = logOf(["alpha"], ["a", "b", "c", "d"]);
  for (let round = 0; round < 50; round += 1) listPage(log, { pageSize: 1, pageToken: "" }, { pins });
  assert.equal(pins.size, 1);
  const { nextPageToken } = listPage(log, { pageSize: 1, pageToken: "" }, { pins });
  for (let round = 0; round < 50; round += 1) {
    log.publish([{ kind: "upsert", row: anAgent({ name: "d", stateDetail: `${round}` }) }]);
    listPage(log, { pageSize: 1, pageToken: "" }, { pins });
  }
  assert.equal(pins.size, 2, "4 rows each, at most 10");
  assert.equal(listPage(log, { pageSize: 1, pageToken: nextPageToken }, { pins }).isInconsistent, true);
});

test("a list that was asked for live continues with its own rows, or says that it does not", async () => {
  const clock = new FakeClock();
  const pins = new PinnedLists(clock);
  const log = logOf(["alpha"], ["a", "b"]);
  const rows = ["a", "live-1", "live-2"].map((name) => anAgent({ name }));
  const list = { rows, hosts: [aHostStatus()], epoch: log.epoch, rev: log.rev, isLive: true };
  const first = firstPageOf(list, { pageSize: 1, pageToken: "" }, pins);
  const other = firstPageOf({ ...list, rows: [...rows].slice(0, 2) }, { pageSize: 1, pageToken: "" }, pins);
  const second = listPage(log, { pageSize: 2, pageToken: first.nextPageToken }, { pins });
  assert.deepEqual([namesOf(second), second.nextPageToken], [["live-1", "live-2"], ""]);
  assert.deepEqual(namesOf(listPage(log, { pageSize: 2, pageToken: other.nextPageToken }, { pins })), ["live-1"]);
  await clock.advance(6 * 60_000);
  const late = listPage(log, { pageSize: 2, pageToken: first.nextPageToken }, { pins });
  assert.deepEqual([namesOf(late), late.isInconsistent], [["b"], true], "of the same version, and yet not the same list");
});
