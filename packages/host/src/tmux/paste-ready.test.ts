import assert from "node:assert/strict";
import { test } from "node:test";
import { needsTmux, never, privateServer, until } from "./private-server-for-tests.ts";

test("a paste waits until its caller is ready, and is none when the caller is not", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  await run("new-session", "-d", "-s", "lead", "--", "cat");
  const server = connect();
  const [pane] = await server.listPanes(never);
  const paneId = pane?.paneId ?? "";
  const shown = () => run("capture-pane", "-p", "-t", paneId);
  const refused = server.paste(paneId, "not this", never, async () => {
    throw new Error("it can't be written down");
  });
  await assert.rejects(refused, /can't be written down/);
  assert.equal(await run("list-buffers"), "", "nothing is left of it");
  let before: string | undefined;
  await server.paste(paneId, "but this", never, async () => {
    before = await shown();
  });
  assert.equal(before?.trim(), "");
  await until("it is shown", async () => (await shown()).includes("but this"));
  assert.doesNotMatch(await shown(), /not this/);
});
