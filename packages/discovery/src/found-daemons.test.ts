import assert from "node:assert/strict";
import { test } from "node:test";
import { FoundDaemons } from "./found-daemons.ts";
import type { Sighting } from "./provider.ts";

const seen: Sighting = {
  ...{ instance: "alpha-1", interfaceName: "eth0", family: "ipv4", port: 8787 },
  ...{ addresses: ["10.0.0.5"], txt: [Buffer.from("role=node"), Buffer.from("id=0123456789abcdef")] },
};

function foundOf(...sightings: Partial<Sighting>[]): FoundDaemons {
  const found = new FoundDaemons();
  for (const each of sightings) found.onFound({ ...seen, ...each });
  return found;
}

test("one daemon over several links is one, with the addresses of all of them", () => {
  const found = foundOf(
    ...[{}, { family: "ipv6" as const, addresses: ["fe80::5%eth0", "fd00::5"] }],
    ...[{ interfaceName: "eth1", addresses: ["10.1.0.5", "10.0.0.5"] }, {}],
  );
  const [daemon, ...others] = found.list();
  assert.deepEqual(others, []);
  assert.deepEqual(daemon?.addresses, ["10.0.0.5", "10.1.0.5", "fd00::5", "fe80::5%eth0"]);
  assert.deepEqual(
    daemon?.links.map(({ interfaceName, family }) => `${interfaceName} ${family}`),
    ["eth0 ipv4", "eth0 ipv6", "eth1 ipv4"],
  );
});

test("two daemons of one name on two links are two", () => {
  const other = [Buffer.from("role=node"), Buffer.from("id=fedcba9876543210")];
  assert.equal(foundOf({}, { interfaceName: "eth1", txt: other }).list().length, 2);
  assert.equal(foundOf({}, { interfaceName: "eth1", port: 8788 }).list().length, 2);
});

test("what changed takes the place of what was, and a goodbye counts for its link alone", () => {
  const found = foundOf({}, { family: "ipv6", addresses: ["fd00::5"] }, { addresses: ["10.0.0.6"] });
  assert.deepEqual(found.list()[0]?.addresses, ["10.0.0.6", "fd00::5"]);
  found.onGone({ ...seen, instance: "ALPHA-1" });
  assert.deepEqual(found.list()[0]?.addresses, ["fd00::5"]);
  found.onGone({ ...seen, family: "ipv6" });
  assert.deepEqual(found.list(), []);
});

test("a name that would act on a terminal is shown without that", () => {
  const [daemon] = foundOf({ instance: "a\u001b]0;owned\u0007b\u202ec\nd\ud800" }).list();
  assert.equal(daemon?.instance, "a]0;ownedbcd\ufffd");
});

test("what is no address is not shown as one", () => {
  const addresses = ["10.0.0.5; rm -rf", "example.org", "fd00::5%eth0 x", "", "fe80::1%eth0", "a".repeat(500)];
  assert.deepEqual(foundOf({ addresses }).list()[0]?.addresses, ["fe80::1%eth0"]);
});

test("a flood is cut off, and it is said how much was left out", () => {
  const found = new FoundDaemons();
  for (let index = 0; index < 1500; index++) found.onFound({ ...seen, instance: `n${index}` });
  assert.deepEqual([found.list().length, found.leftOutCount], [1024, 476]);
  const many = Array.from({ length: 300 }, (_, index) => `10.0.1.${index % 256}`);
  assert.equal(foundOf({ addresses: many }).list()[0]?.addresses.length, 16);
});
