import assert from "node:assert/strict";
import { test } from "node:test";
import { aHostStatus, anAgent, aSelector } from "@mosaic/testkit";
import { MosaicError } from "../errors.ts";
import { FleetLog } from "./fleet-log.ts";
import { agentKeyOf } from "./keys.ts";
import { listPage, MAX_PAGE_ROWS } from "./list-page.ts";

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
