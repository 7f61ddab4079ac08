import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIsoTime, parseIsoTime } from "./iso-time.ts";

test("20,000 random instants are read and written as Date does it", () => {
  let seed = 11;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const [first, last] = [Date.parse("0001-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59Z")];
  for (let round = 0; round < 20_000; round++) {
    const unixMs = Math.floor(first + random() * (last - first));
    const iso = new Date(unixMs).toISOString();
    assert.equal(parseIsoTime(iso), unixMs, iso);
    assert.equal(formatIsoTime(unixMs), iso.replace("Z", "+00:00"));
    const sign = random() < 0.5 ? "-" : "+";
    const offset = `${sign}${String(Math.floor(random() * 24)).padStart(2, "0")}:${String(Math.floor(random() * 60)).padStart(2, "0")}`;
    const shifted = iso.replace("Z", offset);
    assert.equal(parseIsoTime(shifted), Date.parse(shifted), shifted);
  }
});

test("every day of 1899 to 2101 is the day Date says", () => {
  for (let unixMs = Date.UTC(1899, 0, 1); unixMs < Date.UTC(2101, 0, 1); unixMs += 86_400_000) {
    const iso = new Date(unixMs).toISOString();
    assert.equal(parseIsoTime(iso), unixMs, iso);
    assert.equal(formatIsoTime(unixMs), iso.replace("Z", "+00:00"));
  }
});

test("what other programs write is read: no fraction, a comma, nine digits, an offset without colon", () => {
  const expected = Date.parse("2026-11-21T10:00:00.123Z");
  for (const text of [
    "2026-11-21T11:00:00,123456789+01:00",
    "2026-11-21T10:00:00.123456+00:00",
    "2026-11-21T04:30:00.1239-0530",
  ]) {
    assert.equal(parseIsoTime(text), expected, text);
  }
  assert.equal(parseIsoTime("2026-11-21T10:00:00Z"), expected - 123);
  assert.equal(parseIsoTime("2026-11-21T10:00:00.5Z"), expected + 377);
});

test("what names no instant is refused", () => {
  const refused = [
    "",
    "2026-11-21",
    "2026-11-21T10:00:00",
    "2026-11-21 10:00:00Z",
    "2026-11-21T10:00Z",
    "2026-02-29T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-00-01T10:00:00Z",
    "2026-01-00T10:00:00Z",
    "2026-04-31T10:00:00Z",
    "1900-02-29T10:00:00Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T23:59:60Z",
    "2026-11-21T10:60:00Z",
    "2026-11-21T10:00:00+24:00",
    "2026-11-21T10:00:00+01",
    "2026-11-21T10:00:00+0",
    "2026-11-21T10:00:00.Z",
    "1e3",
    "2026-11-21T10:00:00.1234567890Z",
    "2026-11-21T10:00:00z",
    " 2026-11-21T10:00:00Z",
    "2026-11-21T10:00:00Z\n",
    "٢٠٢٦-11-21T10:00:00Z",
  ];
  for (const text of refused) assert.equal(parseIsoTime(text), undefined, JSON.stringify(text));
  assert.notEqual(parseIsoTime("2000-02-29T10:00:00Z"), undefined);
});
