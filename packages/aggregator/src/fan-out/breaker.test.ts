import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, seededRandom } from "@mosaic/testkit";
import { Breaker } from "./breaker.ts";

const refused = { code: "UNAVAILABLE", detail: "connection refused" };

function breakerWith(random = () => 1) {
  const clock = new FakeClock();
  return { clock, breaker: new Breaker({ clock, random }) };
}

function failTimes(breaker: Breaker, count: number): void {
  for (let time = 0; time < count; time += 1) breaker.failed(refused);
}

test("it opens at the third failure in a row, and a success in between starts the count anew", () => {
  const { breaker } = breakerWith();
  failTimes(breaker, 2);
  breaker.succeeded();
  failTimes(breaker, 2);
  assert.deepEqual(breaker.enter(), { kind: "go" });
  failTimes(breaker, 1);
  assert.equal(breaker.enter().kind, "open");
});

test("open, it answers at once with the last failure, how long ago that was, and when it is tried again", async () => {
  const { breaker, clock } = breakerWith();
  failTimes(breaker, 3);
  await clock.advance(400);
  assert.deepEqual(breaker.enter(), { kind: "open", failure: refused, failures: 3, ageMs: 400, retryInMs: 600 });
});

test("after its pause it lets a single probe through, and everybody else waits for that one's end", async () => {
  const { breaker, clock } = breakerWith();
  failTimes(breaker, 3);
  await clock.advance(1000);
  assert.equal(breaker.enter().kind, "go");
  const other = breaker.enter();
  assert.deepEqual([other.kind, other.kind === "open" && other.retryInMs], ["open", 0]);
  breaker.succeeded();
  assert.equal(breaker.enter().kind, "go");
  assert.equal(breaker.enter().kind, "go", "closed: all go");
});

test("each probe that fails doubles the pause, from 1 s to 60 s, and a success makes it 1 s again", async () => {
  const { breaker, clock } = breakerWith();
  const pauses: number[] = [];
  failTimes(breaker, 3);
  for (let probe = 0; probe < 9; probe += 1) {
    const entry = breaker.enter();
    assert.ok(entry.kind === "open");
    pauses.push(entry.retryInMs / 1000);
    await clock.advance(entry.retryInMs);
    assert.equal(breaker.enter().kind, "go");
    failTimes(breaker, 1);
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  breaker.succeeded();
  failTimes(breaker, 3);
  const entry = breaker.enter();
  assert.equal(entry.kind === "open" && entry.retryInMs, 1000);
});

test("the pause has full jitter, and is never nothing", () => {
  const random = seededRandom(7);
  const waits = Array.from({ length: 200 }, () => {
    const { breaker } = breakerWith(random);
    failTimes(breaker, 3);
    const entry = breaker.enter();
    return entry.kind === "open" ? entry.retryInMs : 0;
  });
  assert.ok(
    Math.min(...waits) >= 100 && Math.min(...waits) < 200 && Math.max(...waits) > 900,
    `${Math.min(...waits)}..${Math.max(...waits)}`,
  );
});

test("a probe that says nothing leaves the way open to the next, and others' failures do not put it off", async () => {
  const { breaker, clock } = breakerWith();
  failTimes(breaker, 3);
  await clock.advance(900);
  failTimes(breaker, 5);
  await clock.advance(100);
  assert.equal(breaker.enter().kind, "go");
  breaker.givenUp();
  assert.equal(breaker.enter().kind, "go");
});
