import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { connectInMemory, type DialledIn, statusNameOf } from "@mosaic/rpc";
import { eventually, stubHandlers } from "@mosaic/testkit";
import { InfoResponseSchema } from "@mosaic/wire";
import { DialIns } from "./dial-ins.ts";

const beta = { tenantId: "team-a", name: "beta" };

function arrival(id: string, host = "beta") {
  let hangUp = () => {};
  const closed = new Promise<void>((resolve) => {
    hangUp = resolve;
  });
  const { client, ...connection } = connectInMemory(stubHandlers({ info: () => ({ id }) }));
  const info = create(InfoResponseSchema, { tenantId: "team-a", host, id });
  let isHungUp = false;
  const dispose = async () => {
    isHungUp = true;
    hangUp();
    await connection[Symbol.asyncDispose]();
  };
  const host1: DialledIn = { info, closed, connection: { client, [Symbol.asyncDispose]: dispose } };
  return { host: host1, isHungUp: () => isHungUp };
}

test("calls go over the newest connection of a host, and the older one is hung up", async () => {
  const dialIns = new DialIns(() => true);
  const { client: before } = dialIns.connect(beta);
  await assert.rejects(before.info({}), (thrown) => statusNameOf(thrown) === "UNAVAILABLE");
  const [older, newer] = [arrival("first"), arrival("second")];
  assert.equal(dialIns.take(older.host), true);
  const connection = dialIns.connect(beta);
  assert.equal((await connection.client.info({})).id, "first");
  dialIns.take(newer.host);
  assert.equal((await connection.client.info({})).id, "second");
  await eventually("the older one is hung up", older.isHungUp);
  assert.equal(newer.isHungUp(), false);
  const unused = dialIns.connect(beta);
  await unused[Symbol.asyncDispose]();
  assert.equal(newer.isHungUp(), false, "who did not call over it does not hang it up");
  await connection[Symbol.asyncDispose]();
  await eventually("it is gone", async () =>
    connection.client.info({}).then(
      () => false,
      () => true,
    ),
  );
});

test("who is not expected is not taken, and each arrival is told", () => {
  const dialIns = new DialIns(({ name }) => name === "beta");
  const told: string[] = [];
  using _ = dialIns.onArrival(({ name }) => void told.push(name));
  assert.deepEqual([dialIns.take(arrival("a").host), dialIns.take(arrival("b", "gamma").host)], [true, false]);
  assert.deepEqual(told, ["beta"]);
  const byId = new DialIns(({ hostId }) => hostId === "h-1");
  assert.deepEqual([byId.take(arrival("h-2").host), byId.take(arrival("h-1").host)], [false, true], "the name is not enough");
});
