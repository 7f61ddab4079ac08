import assert from "node:assert/strict";
import { test } from "node:test";
import type { DnsPacket, DnsRecord } from "./packets.ts";
import { ServiceCache, TYPE_NAME } from "./service-cache.ts";

const name = `alpha.${TYPE_NAME}`;
const pointer: DnsRecord = { name: TYPE_NAME, type: "PTR", ttl: 4500, data: name };
const server: DnsRecord = { name, type: "SRV", ttl: 120, data: { port: 8787, target: "Alpha.local" } };
const txt: DnsRecord = { name, type: "TXT", ttl: 4500, data: [Buffer.from("role=node")] };
const address: DnsRecord = { name: "alpha.local", type: "A", ttl: 120, data: "10.0.0.5" };

function response(...answers: DnsRecord[]): DnsPacket {
  return { type: "response", questions: [], answers, additionals: [] };
}

test("a service is put together whatever the order of its records", () => {
  for (const records of [
    [pointer, server, txt, address],
    [address, txt, server, pointer],
  ]) {
    const cache = new ServiceCache();
    cache.take(response(...records));
    assert.deepEqual(cache.sightings(), [
      { instance: "alpha", port: 8787, txt: [Buffer.from("role=node")], addresses: ["10.0.0.5"] },
    ]);
  }
});

test("what is missing is asked for", () => {
  const cache = new ServiceCache();
  const asked = () => cache.questions().map(({ name: about, type }) => `${type} ${about}`);
  assert.deepEqual(asked(), [`PTR ${TYPE_NAME}`]);
  cache.take(response(pointer));
  assert.deepEqual(asked(), [`PTR ${TYPE_NAME}`, `SRV ${name}`, `TXT ${name}`]);
  assert.deepEqual(cache.sightings(), []);
  cache.take(response(server, txt));
  assert.deepEqual(asked(), [`PTR ${TYPE_NAME}`, "A Alpha.local", "AAAA Alpha.local"]);
  cache.take(response(address));
  assert.deepEqual(asked(), [`PTR ${TYPE_NAME}`]);
});

test("a goodbye takes a service away, and only one that was there", () => {
  const cache = new ServiceCache();
  cache.take(response(pointer, server, txt));
  assert.deepEqual(cache.take(response({ ...pointer, ttl: 0 })), ["alpha"]);
  assert.deepEqual(cache.take(response({ ...pointer, ttl: 0 })), []);
  assert.deepEqual(cache.sightings(), []);
});

test("services of other types, and details that nobody announced, are not kept", () => {
  const cache = new ServiceCache();
  cache.take(response({ name: "_http._tcp.local", type: "PTR", ttl: 1, data: "x._http._tcp.local" }, server, txt, address));
  cache.take(response({ ...pointer, data: TYPE_NAME }, { ...pointer, data: `.${TYPE_NAME}` }, { ...pointer, data: "elsewhere" }));
  assert.deepEqual([cache.sightings(), cache.questions().length], [[], 1]);
});

test("a flood of names fills no more than its share, and asks no more than a packet holds", () => {
  const cache = new ServiceCache();
  for (let packet = 0; packet < 100; packet++) {
    const names = Array.from({ length: 50 }, (_, index) => `n${packet}-${index}.${TYPE_NAME}`);
    cache.take(response(...names.map((data) => ({ ...pointer, data }))));
    if (packet === 0) assert.equal(cache.questions().length, 25);
    cache.take(
      response(
        ...names.flatMap((each) => [
          { ...server, name: each },
          { ...txt, name: each },
        ]),
      ),
    );
  }
  assert.equal(cache.sightings().length, 256);
  const addresses = Array.from({ length: 200 }, (_, index) => ({ ...address, data: `10.0.1.${index}` }));
  const other = new ServiceCache();
  other.take(response(pointer, server, txt, ...addresses));
  assert.equal(other.sightings()[0]?.addresses.length, 16);
});

test("records with contents of another kind are passed over", () => {
  const cache = new ServiceCache();
  const strange = [null, 7, "text", [], {}, { port: "1", target: 2 }, { port: 0, target: "x" }, { port: 70_000, target: "x" }];
  for (const data of strange) {
    for (const type of ["PTR", "SRV", "TXT", "A", "AAAA", "NSEC"]) cache.take(response(pointer, { name, type, ttl: 1, data }));
  }
  assert.deepEqual(cache.sightings(), []);
});

test("a name that would be no name when written again is not asked for", () => {
  const cache = new ServiceCache();
  cache.take(response({ ...pointer, data: `${"\ufffd".repeat(63)}.${TYPE_NAME}` }));
  assert.equal(cache.questions().length, 1);
});
