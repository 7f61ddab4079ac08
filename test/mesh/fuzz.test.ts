/** A node that anybody on its port throws anything at: frames, messages and bytes that are none, from a seed that a failure names.
 *  1 million of them with MOSAIC_TEST_LONG=1. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { daemonHome, quietRoster } from "./daemon-home.ts";
import { attack, messageThrower } from "./fuzz-attack.ts";
import { assertFlat, footprint, SMALL_HEAP } from "./fuzz-footprint.ts";
import { rawCall } from "./raw-call.ts";

const IS_LONG = process.env["MOSAIC_TEST_LONG"] === "1";
const ATTEMPTS = Number(process.env["MOSAIC_TEST_ATTEMPTS"] ?? (IS_LONG ? 1_000_000 : 4000));
const SEED = Number(process.env["MOSAIC_TEST_SEED"] ?? 20_261_121);

test(`${ATTEMPTS} malformed frames and messages neither end nor fill a node (seed ${SEED})`, {
  timeout: IS_LONG ? 4_000_000 : 120_000,
}, async (context) => {
  await using home = await daemonHome({ nodeFlags: SMALL_HEAP });
  await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
  const node = await home.serves("node", "--listen", "127.0.0.1:0", "--log-level", "error");
  const url = node.record.endpoints.find((endpoint) => endpoint.startsWith("http")) ?? "";
  const port = Number(new URL(url).port);
  const thrower = messageThrower(() => connect(port, "127.0.0.1").on("error", () => {}));
  // Once before, so that what is loaded with the first of a kind does not count as growth.
  await attack(1000, SEED - 1000, thrower);
  const before = footprint(node.pid);
  const told = await attack(ATTEMPTS, SEED, thrower, (thrown) => process.stderr.write(`${thrown} thrown\n`));
  const reply = await rawCall({ port }, "List");
  assert.equal(reply.status, 200, `seed ${SEED}: ${reply.body}`);
  assert.equal(JSON.parse(reply.body).agents.length, 1);
  context.diagnostic(JSON.stringify({ ...told, ...(await assertFlat(node.pid, before, `seed ${SEED}`)) }));
  assert.ok(told.answered > 0 && told.cut > 0, JSON.stringify(told));
});
