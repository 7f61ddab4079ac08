import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { startModelServer } from "./server.ts";

const tools = [{ type: "function", function: { name: "bash" } }];

function ask(url: string, texts: readonly string[], more: object = {}, signal?: AbortSignal): Promise<Response> {
  const messages = texts.map((content) => ({ role: "user", content }));
  const body = JSON.stringify({ model: "stub-model", stream: true, tools, messages, ...more });
  return fetch(`${url}/v1/chat/completions`, { method: "POST", body, ...(signal === undefined ? {} : { signal }) });
}

test("an answer is streamed, and each text of the user is counted as often as the conversation holds it", async () => {
  await using model = await startModelServer();
  assert.match(await (await ask(model.url, ["one"])).text(), /"content":"reply ".*\[DONE\]\n\n$/s);
  await (await ask(model.url, ["one", "two", "two "])).text();
  assert.deepEqual([model.timesReceived("one"), model.timesReceived("two"), model.timesReceived("three")], [1, 2, 0]);
  assert.deepEqual(model.requests[1]?.userTexts, ["one", "two", "two "]);
});

test("words in the last text make it slow, fail, hang or call the shell once; a side job follows none", async () => {
  await using model = await startModelServer();
  const startedMs = performance.now();
  await (await ask(model.url, ["SLOW=200 please"])).text();
  assert.ok(performance.now() - startedMs >= 150);
  assert.equal((await ask(model.url, ["FAIL=429"])).status, 429);
  assert.equal((await ask(model.url, ["FAIL=429"], { tools: [] })).status, 200);
  assert.match(await (await ask(model.url, ["RUN=echo a b\nnow"])).text(), /\\"command\\":\\"echo a b\\"/);
  const after = [
    { role: "user", content: "RUN=echo a" },
    { role: "tool", tool_call_id: "x", content: "a" },
  ];
  assert.match(await (await ask(model.url, [], { messages: after })).text(), /"content":"reply "/);
  const stop = new AbortController();
  const hanging = await ask(model.url, ["HANG"], {}, stop.signal);
  assert.equal(hanging.status, 200);
  stop.abort();
  await assert.rejects(hanging.text(), { name: "AbortError" });
});

test("an agent that goes away in a slow answer does no harm, and closing ends what hangs", async () => {
  const model = await startModelServer();
  const stop = new AbortController();
  const asked = ask(model.url, ["SLOW=60000"], {}, stop.signal).then((response) => response.text());
  await eventually("the request is there", () => model.requests.length === 1);
  stop.abort();
  await assert.rejects(asked, { name: "AbortError" });
  const hanging = ask(model.url, ["HANG"]).then((response) => response.text());
  await eventually("the second request is there", () => model.requests.length === 2);
  await Promise.all([model[Symbol.asyncDispose](), assert.rejects(hanging)]);
});
