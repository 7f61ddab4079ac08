import assert from "node:assert/strict";
import { test } from "node:test";
import { plainStyle } from "../output/style.ts";
import type { GatewayItem } from "./gateway-item.ts";
import { gatewayStatusText } from "./status-text.ts";

const absent: GatewayItem = {
  ...{ role: "node", unit: "mosaic-node.service", installed: false, active: "", enabled: "", listen: [] },
  ...{ socket: "unix:/run/node.sock", answers: false, detail: "no daemon answers", pid: null, version: "", uptime_ms: null },
  next: "",
};
const draw = (items: readonly GatewayItem[], hasSystemd: boolean) =>
  gatewayStatusText(items, hasSystemd, { columns: undefined, style: plainStyle });

test("where no daemon is installed nor answers, the last line says what to type", () => {
  assert.match(
    draw([absent, { ...absent, role: "aggregator" }], true),
    /\n\nNothing runs here\. Next: mosaic gateway install\n$/,
  );
  assert.match(
    draw([absent], false),
    /\n\nNothing runs here\. Next, in a terminal of its own: mosaic-node; .*: mosaic-aggregator\n$/,
  );
});

test("one that answers, or is kept by systemd, is enough: each says for itself what it needs", () => {
  const answering: GatewayItem = { ...absent, answers: true, pid: 7, version: "1.2.3", uptime_ms: 60_000 };
  assert.match(draw([answering, absent], false), /^mosaic-node {2}answers \(version 1\.2\.3, process 7, up 1m\)\n/);
  assert.doesNotMatch(draw([answering, absent], false), /Nothing runs/);
  const stopped: GatewayItem = { ...absent, installed: true, active: "inactive", next: "mosaic gateway start --role node" };
  assert.match(draw([stopped], true), /\n {2}next {4}mosaic gateway start --role node\n$/);
});
