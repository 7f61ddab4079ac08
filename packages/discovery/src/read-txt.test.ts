import assert from "node:assert/strict";
import { test } from "node:test";
import { pick, seededRandom } from "@mosaic/testkit";
import { toAdvertisedService } from "./announcement.ts";
import { readTxt } from "./read-txt.ts";

const bytes = (...entries: string[]) => entries.map((entry) => Buffer.from(entry));
const nothing = { role: undefined, protocolVersion: undefined, idHash: undefined, isLoopbackOnly: false };

test("what a daemon announces is what is read, and neither its id nor anything else of it is told", () => {
  const service = toAdvertisedService({
    ...{ role: "node", host: "alpha.example.org", id: "a secret id", protocolVersion: 1, port: 8787, isLoopbackOnly: true },
  });
  assert.deepEqual(service.txt, ["txtvers=1", "proto=1", "role=node", "id=58170725d7d85a57", "scope=loopback"]);
  assert.equal(service.instance, "alpha-example-org-58170725");
  assert.deepEqual(readTxt(bytes(...service.txt)), {
    ...{ role: "node", protocolVersion: 1, idHash: "58170725d7d85a57", isLoopbackOnly: true },
  });
});

test("a long host name is cut to what a label holds, never within a character", () => {
  const long = { role: "node", id: "i", protocolVersion: 1, port: 1, isLoopbackOnly: false } as const;
  for (const host of ["x".repeat(300), "ü".repeat(100), "🦊".repeat(50)]) {
    const { instance } = toAdvertisedService({ ...long, host });
    assert.ok(Buffer.byteLength(instance) <= 63 && Buffer.byteLength(instance) >= 60, instance);
    assert.ok(instance.isWellFormed());
  }
});

test("malformed, unknown and doubled entries count for nothing", () => {
  assert.deepEqual(readTxt([]), nothing);
  assert.deepEqual(readTxt(bytes("role=king", "proto=0", "proto=99", "id=XYZ", "scope=all", "=", "role", "x")), nothing);
  assert.deepEqual(readTxt(bytes("proto=-1", "id=0123456789ABCDEF", "scope=loopback\u0007")), nothing);
  assert.equal(readTxt(bytes("ROLE=node", "role=aggregator")).role, "node");
  assert.deepEqual(readTxt([...Array.from({ length: 40 }, () => Buffer.from("x=1")), Buffer.from("role=node")]), nothing);
});

test("no bytes make it throw or give something else than it promises", () => {
  const random = seededRandom(97);
  for (let count = 0; count < 4_000; count++) {
    const entries = Array.from({ length: Math.floor(random() * 5) }, () => {
      const text = pick(["role=", "proto=", "id=", "scope=", "", "=", "role=node\0"], random);
      return Buffer.concat([
        Buffer.from(text),
        Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => random() * 256)),
      ]);
    });
    const { role, protocolVersion, idHash } = readTxt(entries);
    assert.ok([undefined, "node", "aggregator"].includes(role));
    assert.ok(
      protocolVersion === undefined || (Number.isInteger(protocolVersion) && protocolVersion > 0 && protocolVersion < 100_000),
    );
    assert.ok(idHash === undefined || /^[0-9a-f]{16}$/.test(idHash));
  }
});
