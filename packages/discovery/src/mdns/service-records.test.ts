import assert from "node:assert/strict";
import { test } from "node:test";
import type { DnsPacket, DnsRecord } from "./packets.ts";
import { announcementOf, answerTo, recordsOf } from "./service-records.ts";

const records = recordsOf(
  { instance: "alpha-1", port: 8787, txt: ["role=node"] },
  {
    ...{ interfaceName: "eth0", family: "ipv4", address: "10.0.0.5", networks: [] },
    addresses: ["10.0.0.5", "fd00::5"],
  },
);

function query(name: string, type: string, answers: DnsRecord[] = []): DnsPacket {
  return { type: "query", questions: [{ name, type }], answers, additionals: [] };
}

function typesOf(found: readonly DnsRecord[] | undefined): string[] {
  return (found ?? []).map(({ type }) => type);
}

test("who asks for the type gets the name, and at once all about it", () => {
  const answer = answerTo(query("_MOSAIC-node._tcp.local", "PTR"), records);
  assert.deepEqual(typesOf(answer?.answers), ["PTR"]);
  assert.deepEqual(typesOf(answer?.additionals), ["SRV", "TXT", "A", "AAAA"]);
});

test("each record is had by its own name and type, or by ANY", () => {
  for (const [name, type, answers] of [
    ["_services._dns-sd._udp.local", "PTR", ["PTR"]],
    ["alpha-1._mosaic-node._tcp.local", "SRV", ["SRV"]],
    ["alpha-1._mosaic-node._tcp.local", "ANY", ["SRV", "TXT"]],
    ["alpha-1.local", "A", ["A"]],
    ["alpha-1.local", "AAAA", ["AAAA"]],
    ["beta.local", "A", []],
    ["_mosaic-node._tcp.local", "SRV", []],
  ] as const) {
    assert.deepEqual(typesOf(answerTo(query(name, type), records)?.answers), answers, `${type} ${name}`);
  }
});

test("what the asker knows and will know for long is not told again", () => {
  const ask = (ttl: number) => answerTo(query("_mosaic-node._tcp.local", "PTR", [{ ...records.pointer, ttl }]), records);
  assert.equal(ask(4000), undefined);
  assert.notEqual(ask(2000), undefined);
});

test("a goodbye is the announcement with no time to live", () => {
  const [first, goodbye] = [announcementOf(records).answers, announcementOf(records, 0).answers];
  assert.deepEqual(typesOf(goodbye), typesOf(first));
  assert.ok(goodbye.every(({ ttl }) => ttl === 0) && first.every(({ ttl }) => (ttl ?? 0) > 0));
});

test("the host is named for this service alone, never as its own responder names it", () => {
  assert.ok(JSON.stringify(records).includes('"target":"alpha-1.local"'));
});
