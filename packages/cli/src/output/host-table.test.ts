import assert from "node:assert/strict";
import { test } from "node:test";
import { hostJson } from "../fleet/builders-for-tests.ts";
import { type HostListAnswer, toListedHost } from "../fleet/host-list.ts";
import { freshReading } from "../fleet/ps-host.ts";
import { hostTable } from "./host-table.ts";
import { plainStyle } from "./style.ts";

const address = "http://127.0.0.1:38731";
const noSystemd = { conditions: [{ type: "NO_SYSTEMD", message: "agents run without systemd: nothing starts them again" }] };
const alpha = hostJson("alpha", { address, ...noSystemd });
const beta = hostJson("beta", {
  address,
  state: "HOST_STATE_UNREACHABLE",
  detail: `${address}: connection refused`,
  retryInMs: 2000,
});

function draw(hosts: (typeof alpha)[], columns?: number): string[] {
  const told = hosts.map((host) => toListedHost(freshReading(host)));
  const scope = { tenants: [] };
  const answer: HostListAnswer = {
    schema: "mosaic.host.list/1",
    complete: true,
    scope,
    via: "aggregator",
    hosts: told,
    conditions: [],
  };
  return hostTable(answer, undefined, { columns, style: plainStyle }).split("\n");
}

test("a reason does not repeat the address that stands beside it", () => {
  assert.match(draw([beta])[1] ?? "", /http:\/\/127\.0\.0\.1:38731 {2}connection refused, retry in 2s$/);
});

test("on a terminal of 80 columns the reason of a lost host is worth more than addresses", () => {
  const lines = draw([alpha, beta], 80);
  assert.doesNotMatch(lines[0] ?? "", /ADDRESS/);
  assert.match(lines[2] ?? "", /connection refused, retry in/);
  assert.match(lines.slice(3).join("\n"), /Not shown: VERSION ADDRESS\n {2}\(--wide\)\.\n$/);
});

test("of hosts that all answer the addresses stay", () => {
  assert.match(draw([alpha], 80)[0] ?? "", /ADDRESS/);
});

test("of hosts that answer the name of a condition fits, however long", () => {
  const full = hostJson("alpha", { address, conditions: [{ type: "STORE_UNAVAILABLE", message: "the disk is full" }] });
  assert.match(draw([full], 80)[1] ?? "", / STORE_UNAVAILABLE:/);
});
