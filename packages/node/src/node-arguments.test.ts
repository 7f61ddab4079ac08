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
