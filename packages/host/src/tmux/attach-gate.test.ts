import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createAttachGate } from "./attach-gate.ts";
import type { ServerLock } from "./server-lock.ts";

/** Work that says when it starts and ends when it is told to. */
function stepper() {
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      started.push(name);
      ends.set(name, (error) => (error ? reject(error) : resolve(name)));
    });
  const end = async (name: string, error?: Error) => {
    ends.get(name)?.(error);
    await turn();
  };
  return { started, work, end };
}

test("disturbances run side by side, and an attach waits for all of them", async () => {
  const gate = createAttachGate();
  const { started, work, end } = stepper();
  void gate.disturb(work("a"));
  void gate.disturb(work("b"));
  void gate.attach(work("attach"));
  await turn();
  assert.deepEqual(started, ["a", "b"]);
  await end("a");
  assert.deepEqual(started, ["a", "b"]);
  await end("b");
  assert.deepEqual(started, ["a", "b", "attach"]);
});

test("what comes after an attach waits for its end, other attaches too", async () => {
  const gate = createAttachGate();
  const { started, work, end } = stepper();
  void gate.attach(work("first"));
  void gate.attach(work("second"));
  void gate.disturb(work("a"));
  await turn();
  assert.deepEqual(started, ["first"]);
  await end("first");
  assert.deepEqual(started, ["first", "second"]);
  await end("second");
  assert.deepEqual(started, ["first", "second", "a"]);
});

test("work that fails tells its caller and nobody else", async () => {
  const gate = createAttachGate();
  const { started, work, end } = stepper();
  const failing = gate.disturb(work("a"));
  const alsoFailing = gate.attach(work("attach"));
  const fine = gate.disturb(work("b"));
  await turn();
  await Promise.all([assert.rejects(failing, /broken/), end("a", new Error("broken"))]);
  await Promise.all([assert.rejects(alsoFailing, /too/), end("attach", new Error("too"))]);
  await end("b");
  assert.equal(await fine, "b");
  assert.deepEqual(started, ["a", "attach", "b"]);
});

/** A lock that says when it is taken and left. */
function recordedLock() {
  const told: string[] = [];
  const lock: ServerLock = {
    async hold(work) {
      told.push("taken");
      try {
        return await work();
      } finally {
        told.push("left");
      }
    },
  };
  return { told, lock };
}

test("disturbances hold the server's lock together, and an attach holds it alone", async () => {
  const { told, lock } = recordedLock();
  const gate = createAttachGate(lock);
  const { started, work, end } = stepper();
  void gate.disturb(work("a"));
  void gate.disturb(work("b"));
  void gate.attach(work("attach"));
  await turn();
  assert.deepEqual([started, told], [["a", "b"], ["taken"]]);
  await end("a");
  assert.deepEqual(told, ["taken"]);
  await end("b");
  await turn();
  assert.deepEqual(
    [started, told],
    [
      ["a", "b", "attach"],
      ["taken", "left", "taken"],
    ],
  );
  await end("attach");
  assert.deepEqual(told, ["taken", "left", "taken", "left"]);
});
