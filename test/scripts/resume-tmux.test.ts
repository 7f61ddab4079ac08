/** Agents that go on with their conversation where no systemd keeps them: by the real command on a real tmux. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { stubHost } from "./stub-host.ts";

test("without systemd an agent that was killed or ended is started with its conversation, and anew when asked", async (context) => {
  const { host, until, say, kill, note, conversations, sessionFile } = await stubHost(context, { hasSystemd: false });
  assert.equal((await host.mosaic("agent start lead")).exitCode, 0);
  await until(/^ready/m);
  await say("the heron is grey");
  const [id = ""] = await conversations();
  await note(id);
  await kill();
  assert.equal((await host.mosaic("fleet start lead")).exitCode, 0);
  await until(/^you said: the heron is grey[\s\S]*^ready/m);
  await host.mosaic("agent stop lead");
  await host.mosaic("agent start lead");
  await until(/^you said: the heron is grey[\s\S]*^ready/m);

  const running = await host.mosaic("agent start lead --fresh");
  assert.match(running.stdout, /^lead +already running/m);
  assert.match(running.stderr, /^what runs already goes on with its conversation; .*: mosaic fleet restart lead --fresh$/m);
  assert.equal(existsSync(sessionFile), true);
  await host.mosaic("agent stop lead");
  assert.match((await host.mosaic("agent start lead --fresh --dry-run")).stdout, /^lead +would be started/m);
  assert.equal(existsSync(sessionFile), true, "a dry run forgets nothing");
  assert.equal((await host.mosaic("agent start lead --fresh")).exitCode, 0);
  await until(/^ready/m);
  assert.equal((await conversations()).length, 2);
  assert.equal(existsSync(sessionFile), false);
  assert.deepEqual(
    (await host.audited()).filter((action) => action === "agent.start").length,
    4,
    "each start that changed something is on record",
  );
});

test("a conversation that is gone is not tried twice, and a worker has none to go on with", async (context) => {
  const { host, until, conversations, note, sessionFile, failedFile, pid } = await stubHost(context, { hasSystemd: false });
  await note("00000000-gone");
  await host.mosaic("fleet start lead");
  await until(/there is no conversation 00000000-gone|Pane is dead/m);
  assert.equal(pid(), "");
  await host.mosaic("fleet start lead");
  await until(/^ready/m);
  assert.deepEqual([existsSync(sessionFile), await readFile(failedFile, "utf8")], [false, "00000000-gone\n"]);
  const before = await conversations();
  await note(before[0] ?? "", "spare");
  await host.mosaic("agent start helper --ephemeral --lane l1");
  await until(/^ready/m, "spare");
  assert.equal((await conversations()).length, 2);
});
