import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { createTestNode, type TestNode } from "./test-node.ts";
import { startStub, waitFor } from "./test-terminal.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const accepted = (node: TestNode): string[] =>
  node.reports().flatMap((report) => report.accepted.map((prompt) => prompt.textSha256));
const ended = (node: TestNode): string[] => node.reports().flatMap((report) => report.endedTurnIds);

test("the first report says who is ready, as Connect's JSON", async () => {
  await using node = await createTestNode();
  await node.listen();
  await using stub = await startStub(["--interval=60"], { socket: node.socket });
  const [call] = await waitFor(
    () => node.calls,
    (calls) => calls.length > 0,
    "a report",
  );
  assert.equal(`${call?.method} ${call?.url}`, "POST /mosaic.fleet.v1.FleetService/Heartbeat");
  assert.equal(call?.headers["content-type"], "application/json");
  assert.equal(call?.headers["connect-protocol-version"], "1");
  assert.match(call?.report.sessionId ?? "", /^[0-9a-f-]{36}$/);
  assert.deepEqual(call?.report, {
    sessionId: call?.report.sessionId,
    agent: { tenantId: "team-a", host: "alpha", name: "coder0" },
    status: "HEARTBEAT_STATUS_READY",
    waitingFor: "",
    detail: "",
    turnId: "",
    pid: await stub.pid(),
    intervalMs: 60_000,
    accepted: [],
    endedTurnIds: [],
  });
});

test("each prompt is reported with the hash of exactly the text that was pasted, and its turn's end", async () => {
  await using node = await createTestNode();
  await node.listen();
  await using stub = await startStub(["--slow=0"], { socket: node.socket });
  await stub.until(/^ready/m);
  const texts = {
    ascii: "plain words",
    unicode: "grüße 漢字 🎉 e\u0301 \u202eabc",
    multiLine: "first\n\n  second\tline\nthird\n",
    carriageReturns: "a\r\nb\rc",
    longLine: "x".repeat(100_000),
    manyLines: "añ漢🎉 words\n".repeat(6_000).slice(0, 60_000),
    largest: "y".repeat(262_144),
  };
  for (const [name, text] of Object.entries(texts)) {
    await stub.send(text);
    const turn = await waitFor(
      () =>
        node
          .reports()
          .flatMap((report) => report.accepted)
          .find((prompt) => prompt.textSha256 === sha256(text))?.turnId,
      (id) => id !== undefined,
      `acceptance of ${name}`,
    );
    assert.match(turn ?? "", /^turn-\d+-[0-9a-f]{8}$/);
    await waitFor(
      () => ended(node),
      (turns) => turns.includes(turn ?? "?"),
      `the end of ${name}`,
    );
    // The answer may be wrapped anywhere.
    await stub.until(new RegExp([...`sha256${sha256(text).slice(0, 12)}`].join("\\s*")));
  }
  assert.equal(new Set(accepted(node)).size, Object.keys(texts).length, "nothing else was taken");
});

test("prompts that come while it works, and while a slow node answers, are all reported, and answered in order", async () => {
  await using node = await createTestNode();
  node.delayMs = 700;
  await node.listen();
  await using stub = await startStub(["--slow=400"], { socket: node.socket });
  await stub.until(/^ready/m);
  for (const text of ["one", "two", "three"]) await stub.send(text);
  await waitFor(
    () => accepted(node),
    (hashes) => ["one", "two", "three"].every((text) => hashes.includes(sha256(text))),
    "three acceptances",
  );
  await stub.until(/you said: one [\s\S]*you said: two [\s\S]*you said: three /);
});

test("what a missing or failing node did not confirm is kept and reported once it answers", async () => {
  await using node = await createTestNode();
  await using stub = await startStub(["--slow=0", "--interval=60"], { socket: node.socket });
  await stub.until(/^ready · node: ENOENT$/m);
  await stub.send("nobody hears this");
  await stub.until(/you said: nobody hears this/);
  node.answer = { status: 503 };
  await node.listen();
  await stub.until(/^ready · node: HTTP 503$/m);
  await stub.send("nor this");
  await stub.until(/you said: nor this/);
  node.answer = { intervalMs: 15_000 };
  await waitFor(
    () => ended(node),
    (turns) => turns.length === 2,
    "both turns",
  );
  assert.deepEqual(accepted(node), [sha256("nobody hears this"), sha256("nor this")]);
  await stub.until(/^ready$/m);
});

test("a node that never answers holds nothing up", async () => {
  await using node = await createTestNode();
  node.answer = "silence";
  await node.listen();
  await using stub = await startStub(["--slow=0"], { socket: node.socket });
  await stub.until(/^ready/m);
  const startedAtMs = performance.now();
  await stub.send("hello");
  await stub.until(/you said: hello/);
  assert.ok(performance.now() - startedAtMs < 1900, "the answer did not wait for the call's deadline of 2 s");
  await stub.until(/ready · node: /);
});

test("the node's wish for another interval counts, unless one was given", async () => {
  for (const [args, intervalMs] of [
    [[], 2500],
    [["--interval=0.7"], 700],
  ] as const) {
    await using node = await createTestNode();
    node.answer = { intervalMs: 2500 };
    await node.listen();
    await using stub = await startStub([...args], { socket: node.socket });
    await waitFor(
      () => node.reports().at(-1)?.intervalMs,
      (promised) => promised === intervalMs && node.calls.length > 1,
      `${intervalMs} ms`,
    );
    await stub.until(/^ready$/m);
  }
});
