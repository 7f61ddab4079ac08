import assert from "node:assert/strict";
import { test } from "node:test";
import { NODE_HELP, type NodeFlags, toNodeArguments } from "./node-arguments.ts";

const defaults = { home: "/home/u", mosaicHome: undefined, host: "alpha", tenant: "team-a" };
const parsed = (flags: Partial<NodeFlags>) => {
  const found = toNodeArguments({ "log-level": "info", ...flags }, defaults);
  return typeof found === "string" ? assert.fail(found) : found;
};

test("a node asks systemd unless it is told not to", () => {
  assert.equal(parsed({}).hasSystemd, true);
  assert.equal(parsed({ "no-systemd": true }).hasSystemd, false);
  assert.match(NODE_HELP, /^ {2}--no-systemd /m);
});

test("all it has is below its home, unless it is told otherwise", () => {
  const { rosterPath, socketPath } = parsed({});
  assert.deepEqual(
    [rosterPath, socketPath],
    ["/home/u/.config/mosaic/fleet/roster.yaml", "/home/u/.config/mosaic/fleet/run/node.sock"],
  );
  assert.equal(parsed({ "mosaic-home": "/m", roster: "/r.yaml" }).rosterPath, "/r.yaml");
  assert.equal(parsed({ "mosaic-home": "/m" }).socketPath, "/m/fleet/run/node.sock");
});

test("a node is announced when it is asked for, and only where there is something to announce", () => {
  assert.equal(parsed({ listen: ["127.0.0.1:8787"] }).isAdvertised, false);
  assert.equal(parsed({ listen: ["127.0.0.1:8787"], advertise: true }).isAdvertised, true);
  assert.throws(() => parsed({ advertise: true }), /--advertise announces a TCP address, and there is none/);
  assert.match(NODE_HELP, /^ {2}--advertise /m);
});

test("metrics are shown where the command line says, or else the environment, and never off this machine", () => {
  assert.equal(parsed({}).metrics, undefined);
  const endpoint = { kind: "tcp", hostname: "127.0.0.1", port: 9464 };
  assert.deepEqual(parsed({ metrics: "127.0.0.1:9464" }).metrics, endpoint);
  const inEnvironment = toNodeArguments({ "log-level": "info" }, { ...defaults, metrics: "127.0.0.1:9464" });
  assert.deepEqual(typeof inEnvironment === "string" ? inEnvironment : inEnvironment.metrics, endpoint);
  assert.throws(() => parsed({ metrics: "0.0.0.0:9464" }), { code: "NOT_ALLOWED" });
  assert.match(NODE_HELP, /^ {2}--metrics ADDRESS /m);
});
