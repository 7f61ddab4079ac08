import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createTestNode } from "./test-node.ts";
import { type StubTerminal, startStub, waitFor } from "./test-terminal.ts";

const conversations = (stub: StubTerminal): string[] =>
  readdirSync(join(stub.home, "stub-agent")).map((name) => name.replace(".jsonl", ""));

test("killed and started again with its conversation, the stub remembers, and goes on under the same id", async () => {
  await using node = await createTestNode();
  await node.listen();
  await using first = await startStub(["--slow=0"], { socket: node.socket });
  await first.send("the heron is grey");
  await first.until(/^you said: the heron is grey/m);
  const [id = ""] = conversations(first);
  process.kill(await first.pid(), "SIGKILL");
  // Half a line, as a crash leaves it.
  appendFileSync(join(first.home, "stub-agent", `${id}.jsonl`), '"you sa');
  await using second = await startStub(["--slow=0", `--resume=${id}`], { home: first.home, socket: node.socket });
  await second.until(/^> the heron is grey\nyou said: the heron is grey[\s\S]*^ready/m);
  await second.send("and the swan?");
  await second.until(/^you said: and the swan/m);
  const sessions = await waitFor(
    () => node.reports().filter(({ accepted }) => accepted.length > 0),
    (reports) => reports.length >= 2,
    "both prompts are reported",
  );
  assert.deepEqual([...new Set(sessions.map(({ sessionId }) => sessionId))], [id]);
  assert.deepEqual(conversations(second), [id]);
  assert.match(readFileSync(join(second.home, "stub-agent", `${id}.jsonl`), "utf8"), /heron[\s\S]*swan/);
});

test("/clear begins another conversation, and leaves the old one as it was", async () => {
  await using stub = await startStub(["--slow=0"]);
  await stub.send("first words");
  await stub.until(/^you said: first words/m);
  const [old = ""] = conversations(stub);
  const text = readFileSync(join(stub.home, "stub-agent", `${old}.jsonl`), "utf8");
  await stub.send("/clear");
  await waitFor(
    () => conversations(stub),
    (ids) => ids.length === 2,
    "another conversation",
  );
  await stub.send("second words");
  await stub.until(/^you said: second words/m);
  assert.equal(readFileSync(join(stub.home, "stub-agent", `${old}.jsonl`), "utf8"), text);
});

// Its words are not looked for: tmux 3.3a may drop the last ones of a program that ends at once.
test("a conversation that is not there, and what is no id, end the program with a status each", async () => {
  await using gone = await startStub(["--resume=00000000-gone"]);
  assert.equal(await gone.exitStatus(), 1);
  await using path = await startStub(["--resume=../roster"]);
  assert.equal(await path.exitStatus(), 2);
});
