import assert from "node:assert/strict";
import { test } from "node:test";
import { createJobWaits } from "./job-waits.ts";

test("a job's result is told when the job ends", async () => {
  const jobs = createJobWaits();
  const result = jobs.run(async () => "/job/1");
  await Promise.resolve();
  jobs.onRemoved("/job/2", "failed");
  setImmediate(() => jobs.onRemoved("/job/1", "done"));
  assert.equal(await result, "done");
});

test("a job that ended before its path was known is not waited for", async () => {
  const jobs = createJobWaits();
  const { promise, resolve } = Promise.withResolvers<string>();
  const result = jobs.run(() => promise);
  resolve("/job/1");
  jobs.onRemoved("/job/1", "failed");
  assert.equal(await result, "failed");
});

test("two who were given the same job both hear its end", async () => {
  const jobs = createJobWaits();
  const results = Promise.all([jobs.run(async () => "/job/1"), jobs.run(async () => "/job/1")]);
  setImmediate(() => jobs.onRemoved("/job/1", "done"));
  assert.deepEqual(await results, ["done", "done"]);
});

test("an old job's end is not taken for a new one's of the same path", async () => {
  const jobs = createJobWaits();
  jobs.onRemoved("/job/1", "failed");
  const result = jobs.run(async () => "/job/1");
  setImmediate(() => jobs.onRemoved("/job/1", "done"));
  assert.equal(await result, "done");
});

test("a refusal to start a job is passed on", async () => {
  const jobs = createJobWaits();
  await assert.rejects(
    jobs.run(() => Promise.reject(new Error("no such unit"))),
    /no such unit/,
  );
});

test("a wait ends when nobody will tell any more, and so does one that begins later", async () => {
  const jobs = createJobWaits();
  const waiting = jobs.run(async () => "/job/1");
  setImmediate(() => jobs.giveUp(new Error("gone")));
  await assert.rejects(waiting, /gone/);
  await assert.rejects(
    jobs.run(async () => "/job/2"),
    /gone/,
  );
});

test("an end is heard at whatever step of work it comes after its job's path", async () => {
  for (let steps = 0; steps < 12; steps += 1) {
    const jobs = createJobWaits();
    const path = Promise.withResolvers<string>();
    let heard = "";
    const wait = jobs
      .run(() => path.promise)
      .then((result) => {
        heard = result;
      });
    path.resolve("/job/1");
    for (let step = 0; step < steps; step += 1) await undefined;
    jobs.onRemoved("/job/1", "done");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(heard, "done", `after ${steps} steps`);
    await wait;
  }
});
