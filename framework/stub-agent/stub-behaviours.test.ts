import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createTestNode, type Report, type TestNode } from "./test-node.ts";
import { startStub, waitFor } from "./test-terminal.ts";

const last = (node: TestNode): Report | undefined => node.reports().at(-1);
const untilSaid = (node: TestNode, status: string): Promise<Report | undefined> =>
  waitFor(
    () => last(node),
    (report) => report?.status === `HEARTBEAT_STATUS_${status}`,
    `status ${status}`,
  );

test("slow: the answer takes that long, from then on", async () => {
  await using stub = await startStub(["--behave=slow=0"]);
  await stub.until(/^ready/m);
  await stub.send("stub:slow=2500 take your time");
  await stub.until(/^working … 1s/m);
  await stub.until(/you said: stub:slow=2500/);
  await stub.send("again");
  await stub.until(/^working …/m);
});

test("wedged: one turn that never ends, beats that go on, Enter ignored", async () => {
  await using node = await createTestNode();
  await node.listen();
  await using stub = await startStub(["--interval=0.2"], { socket: node.socket });
  await stub.until(/^ready/m);
  await stub.send("stub:wedged");
  const busy = await untilSaid(node, "BUSY");
  const count = node.calls.length;
  await waitFor(
    () => node.calls.length,
    (calls) => calls > count + 3,
    "more beats",
  );
  assert.deepEqual(
    [last(node)?.status, last(node)?.turnId, last(node)?.endedTurnIds],
    ["HEARTBEAT_STATUS_BUSY", busy?.turnId, []],
  );
  await stub.type("hello?");
  await stub.keys("Enter");
  await stub.until(/^> hello\?\nworking … [1-9]\d*s/m);
  assert.doesNotMatch(await stub.capture(), /you said/);
});

test("wedged from the start is a turn that nobody asked for", async () => {
  await using node = await createTestNode();
  await node.listen();
  await using stub = await startStub(["--behave=wedged"], { socket: node.socket });
  await stub.until(/^working …/m);
  assert.match((await untilSaid(node, "BUSY"))?.turnId ?? "", /^turn-1-[0-9a-f]{8}$/);
});

test("deaf: Enter leaves the text in the composer, and the agent says that it is ready", async () => {
  await using stub = await startStub(["--behave=deaf"]);
  await stub.until(/^ready/m);
  await stub.send("anyone?");
  await stub.type("!");
  await stub.until(/^> anyone\?!\nready$/m);
});

test("draft: a text waits in the composer, from the start or after a message", async () => {
  await using stub = await startStub(["--behave=draft=half a thought,slow=0"]);
  await stub.until(/^> half a thought\nready$/m);
  await stub.keys("C-u");
  await stub.until(/^>\nready$/m);
  await stub.send("stub:draft=and another one");
  await stub.until(/you said: stub:draft=and another one/);
  await stub.until(/^> and another one\nready$/m);
});

test("blank: nothing is shown, and what is typed is still taken", async () => {
  for (const screen of [[], ["--alternate-screen"]]) {
    await using stub = await startStub([...screen, "--slow=0"]);
    await stub.until(/^ready/m);
    await stub.send("stub:blank");
    await stub.until(/^$/);
    await stub.type("stub:normal");
    await stub.keys("Enter");
    await stub.until(/you said: stub:normal[\s\S]*^ready$/m);
  }
});

test("die: exits with the status asked for, in a message or at once", async () => {
  for (const [word, status] of [
    ["stub:die=7", 7],
    ["stub:die", 1],
  ] as const) {
    await using stub = await startStub();
    await stub.until(/^ready/m);
    await stub.send(word);
    assert.equal(await stub.exitStatus(), status);
  }
  await using stub = await startStub(["--behave=die=3"]);
  assert.equal(await stub.exitStatus(), 3);
});

test("mute: no file, no report; file-only: the file alone", async () => {
  await using node = await createTestNode();
  await node.listen();
  await using mute = await startStub(["--behave=mute", "--interval=0.1", "--slow=0"], { socket: node.socket });
  await mute.send("hello");
  await mute.until(/you said: hello/);
  assert.deepEqual(await readdir(mute.home), ["stub-agent"], "its conversation alone");
  await using fileOnly = await startStub(["--behave=file-only", "--interval=0.1", "--slow=0"], { socket: node.socket });
  await fileOnly.send("hello");
  await fileOnly.until(/you said: hello/);
  assert.match(await readFile(join(fileOnly.home, "fleet/run/coder0.hb"), "utf8"), /status=/);
  assert.equal(node.calls.length, 0);
  await fileOnly.send("stub:normal");
  await fileOnly.until(/you said: stub:normal/);
  await untilSaid(node, "IDLE");
  assert.equal(node.reports().flatMap((report) => report.accepted).length, 0, "what was kept quiet stays so");
});

test("waiting: the turn stops until something is submitted, which joins that turn", async () => {
  await using node = await createTestNode();
  await node.listen();
  await using stub = await startStub(["--slow=0"], { socket: node.socket });
  await stub.until(/^ready/m);
  await stub.send("stub:waiting=permission rm -r x");
  await stub.until(/^waiting for permission$/m);
  const waiting = await untilSaid(node, "WAITING");
  assert.equal(waiting?.waitingFor, "permission");
  await stub.send("yes");
  await stub.until(/you said: yes/);
  await untilSaid(node, "IDLE");
  const turns = node.reports().flatMap((report) => report.accepted.map((prompt) => prompt.turnId));
  assert.deepEqual(new Set(turns), new Set([waiting?.turnId]));
  assert.ok(node.reports().some((report) => report.endedTurnIds.includes(waiting?.turnId ?? "")));
});

test("fail: the turn ends with that error, and the next one is fine", async () => {
  await using node = await createTestNode();
  await node.listen();
  await using stub = await startStub(["--slow=0", "--behave=fail=at_start"], { socket: node.socket });
  await stub.until(/^failed: at_start$/m);
  await stub.send("stub:fail=rate_limit");
  await stub.until(/^failed: rate_limit[\s\S]*^failed: rate_limit$/m);
  const failed = await untilSaid(node, "FAILED");
  assert.equal(failed?.detail, "rate_limit");
  await waitFor(
    () => node.reports().flatMap((report) => report.endedTurnIds),
    (ended) => ended.includes(failed?.turnId ?? "?"),
    "the turn's end",
  );
  await stub.send("better?");
  await stub.until(/you said: better\?[\s\S]*^ready$/m);
  assert.equal((await untilSaid(node, "IDLE"))?.detail, "");
});

test("a misspelt word is told in the answer, /clear starts over", async () => {
  await using stub = await startStub(["--slow=0"]);
  await stub.until(/^ready/m);
  await stub.send("stub:wegded stub:slow");
  await stub.until(/no behaviour is called "wegded"\nslow needs a value: slow=<ms>/);
  await stub.send("/clear");
  await stub.until(/^stub agent [^\n]*\n\n>\nready$/);
});
