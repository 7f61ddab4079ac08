import assert from "node:assert/strict";
import { test } from "node:test";
import { hostJson } from "../fleet/builders-for-tests.ts";
import { freshReading, toPsHost } from "../fleet/ps-host.ts";
import type { DaemonSituation } from "./situation.ts";
import { toOverview } from "./status-answer.ts";

const silent: DaemonSituation = {
  ...{ endpoint: "unix:/run/node.sock", answers: false, version: "", pid: null, uptime_ms: null },
  detail: "no daemon answers",
};

function nextOf(conditions: { type: string; message: string }[]): string {
  const hosts = [toPsHost(freshReading(hostJson("alpha", { conditions })))];
  const fleet = { via: "direct", complete: true, hosts, judged: [], conditions: [] } as const;
  const situation = { node: silent, aggregator: silent, fleet, problem: undefined, notes: [] };
  return toOverview(situation, { host: "alpha", home: "/home/ada/.config/mosaic" }).next;
}

test("a node that does not run is started by systemd, and by hand where there is none", () => {
  assert.equal(nextOf([]), "mosaic gateway start");
  assert.equal(nextOf([{ type: "NO_SYSTEMD", message: "no user manager" }]), "mosaic-node");
});
