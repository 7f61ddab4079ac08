import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "@a2a-js/sdk";
import { BoundedTaskStore } from "./bounded-task-store.ts";

function task(id: string): Task {
  return { id, contextId: "c", status: undefined, artifacts: [], history: [], metadata: undefined };
}

test("the newest tasks are kept, as they were last saved, and the oldest are forgotten", async () => {
  const store = new BoundedTaskStore(3);
  for (let count = 0; count < 20; count += 1) await store.save(task(`t${count}`));
  for (const id of ["t17", "t18", "t19"]) assert.equal((await store.load(id))?.id, id);
  assert.equal(await store.load("t0"), undefined);
  await store.save({ ...task("t19"), contextId: "changed" });
  const kept = await store.load("t19");
  assert.equal(kept?.contextId, "changed");
});
