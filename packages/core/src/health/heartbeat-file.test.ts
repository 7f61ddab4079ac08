import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHeartbeatFile, type HeartbeatFile, parseHeartbeatFile } from "./heartbeat-file.ts";

const beat: HeartbeatFile = { atUnixMs: Date.parse("2026-11-21T10:00:00.250Z"), pid: 4121, status: "busy" };
const plain = "ts=2026-11-21T11:00:00.250+01:00\npid=4121\nstatus=busy\n";

test("the three required lines are a heartbeat, in any order and with either line end", () => {
  assert.deepEqual(parseHeartbeatFile(plain), beat);
  assert.deepEqual(parseHeartbeatFile("status=busy\r\npid=4121\r\n\r\nts=2026-11-21T10:00:00.250Z\r\n"), beat);
});

test("unknown keys, and extras with values that are not ours, are ignored", () => {
  assert.deepEqual(parseHeartbeatFile(`${plain}mood=fine\nmood2=\nurl=http://x/?a=b\n`), beat);
  assert.deepEqual(parseHeartbeatFile(`${plain}interval=15s\nwriter=someone\n`), beat);
  for (const interval of ["0", "-1", "1e3", "3600.001", "99999999", ""]) {
    assert.deepEqual(parseHeartbeatFile(`${plain}interval=${interval}\n`), beat, interval);
  }
});

test("interval and writer are read", () => {
  assert.deepEqual(parseHeartbeatFile(`${plain}interval=0.2\nwriter=sidecar\n`), { ...beat, intervalMs: 200, writer: "sidecar" });
  assert.deepEqual(parseHeartbeatFile(`${plain}interval=3600\nwriter=runtime`), {
    ...beat,
    intervalMs: 3_600_000,
    writer: "runtime",
  });
});

test("what is written is read back", () => {
  const cases: HeartbeatFile[] = [
    beat,
    { ...beat, status: "ok", intervalMs: 15_000 },
    { ...beat, intervalMs: 1, writer: "runtime" },
  ];
  for (const each of cases) assert.deepEqual(parseHeartbeatFile(formatHeartbeatFile(each)), each);
  assert.equal(
    formatHeartbeatFile({ ...beat, intervalMs: 15_000, writer: "sidecar" }),
    "ts=2026-11-21T10:00:00.250+00:00\npid=4121\nstatus=busy\ninterval=15\nwriter=sidecar\n",
  );
});

test("a file cut at any byte is either torn or says what the whole one says", () => {
  const whole = formatHeartbeatFile({ ...beat, intervalMs: 15_250, writer: "runtime" });
  const orders = [whole, `${whole.trimEnd().split("\n").reverse().join("\n")}\n`];
  for (const text of orders) {
    for (let length = 0; length < text.length; length++) {
      const read = parseHeartbeatFile(text.slice(0, length));
      if (read === undefined) continue;
      assert.deepEqual([read.atUnixMs, read.pid, read.status], [beat.atUnixMs, 4121, "busy"], text.slice(0, length));
      assert.ok(read.intervalMs === undefined || read.intervalMs === 15_250);
    }
  }
  assert.equal(parseHeartbeatFile("status=ok\nts=2026-11-21T10:00:00Z\npid=41"), undefined);
});

test("malformed files are unknown", () => {
  const malformed = [
    "",
    "\n",
    "garbage",
    `${plain}torn`,
    `${plain}=x\n`,
    `${plain}pid=1\n`,
    `${plain}\0\0\0\0`,
    plain.replace("busy", "dead"),
    plain.replace("busy", "BUSY"),
    plain.replace("4121", "0"),
    plain.replace("4121", "-1"),
    plain.replace("4121", "99999999999"),
    plain.replace("4121", "0x10"),
    plain.replace("4121", " 1"),
    plain.replace("ts=", "TS="),
    plain.replace("+01:00", ""),
    plain.replace("2026", "202"),
    `${plain}x=${"y".repeat(20_000)}\n`,
    "[object Object]",
  ];
  for (const text of malformed) assert.equal(parseHeartbeatFile(text), undefined, JSON.stringify(text.slice(0, 80)));
});

test("100,000 mangled files never throw, and never give a value out of range", () => {
  let seed = 4711;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const whole = formatHeartbeatFile({ ...beat, intervalMs: 15_000, writer: "runtime" });
  let survivors = 0;
  for (let round = 0; round < 100_000; round++) {
    let text = whole;
    for (let cuts = random(4); cuts >= 0; cuts--) {
      const [from, to] = [random(text.length + 1), random(6)];
      const inserted = ["", "=", "\n", "\0", "9", "é", "\r", "pid=", String.fromCharCode(random(0xffff))][random(9)];
      text = text.slice(0, from) + inserted + text.slice(from + to);
    }
    const read = parseHeartbeatFile(text);
    if (read === undefined) continue;
    survivors++;
    assert.ok(Number.isSafeInteger(read.atUnixMs) && Number.isInteger(read.pid) && read.pid >= 1 && read.pid < 2 ** 31);
    assert.ok(read.intervalMs === undefined || (read.intervalMs >= 1 && read.intervalMs <= 3_600_000));
    assert.ok(read.status === "ok" || read.status === "busy");
  }
  assert.ok(survivors > 1000 && survivors < 90_000, `${survivors} survived`);
});
