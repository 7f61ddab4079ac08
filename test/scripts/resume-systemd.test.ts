/** Agents that go on with their conversation when systemd, or a person, starts them again: on a real systemd of the user's own. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { needsSystemd } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { PATIENCE_MS, stubHost } from "./stub-host.ts";

const UNIT = "mosaic-agent@lead.service";

test("an agent that is killed, stopped, or restarted comes back with its conversation", needsSystemd, async (context) => {
  const { host, until, say, kill, isBack, pid, note, conversations, sessionFile, failedFile } = await stubHost(context, {
    hasSystemd: true,
  });
  await host.mosaic("fleet install-systemd");
  assert.equal((await host.mosaic("fleet start lead")).exitCode, 0);
  await until(/^ready/m);
  await say("the heron is grey");
  const [id = ""] = await conversations();
  await note(id);

  await isBack(await kill());
  await until(/^you said: the heron is grey[\s\S]*^ready/m);
  assert.equal((await host.mosaic("agent stop lead")).exitCode, 0);
  assert.equal((await host.mosaic("agent start lead")).exitCode, 0);
  await until(/^you said: the heron is grey/m);
  // Quickly one after the other, by hand: that is no failure of the conversation.
  for (const by of ["fleet", "systemctl"]) {
    const before = pid();
    if (by === "fleet") await host.mosaic("fleet restart lead");
    else await host.manager?.systemctl("restart", UNIT);
    await isBack(before);
    await until(/^you said: the heron is grey/m);
  }
  assert.deepEqual(await conversations(), [id]);
  assert.deepEqual([existsSync(sessionFile), existsSync(failedFile)], [true, false]);
  assert.doesNotMatch(await readFile(`/proc/${pid()}/environ`, "utf8"), /RESUME/, "nothing of it is the agent's");

  await host.mosaic("fleet restart lead --fresh");
  await until(/^ready/m);
  assert.equal((await conversations()).length, 2);
  assert.equal(existsSync(sessionFile), false);
});

test(
  "a conversation that is gone costs one try: then the agent starts afresh, and the id is kept",
  needsSystemd,
  async (context) => {
    const { host, until, kill, note, conversations, sessionFile, failedFile } = await stubHost(context, { hasSystemd: true });
    await host.mosaic("fleet install-systemd");
    await note("00000000-gone");
    await host.mosaic("fleet start lead");
    await until(/^ready/m);
    assert.equal((await conversations()).length, 1);
    assert.equal(existsSync(sessionFile), false);
    assert.equal(await readFile(failedFile, "utf8"), "00000000-gone\n");
    assert.equal(await host.manager?.systemctl("show", "--value", "-p", "NRestarts", UNIT), "1");

    // What fails after it in the same way does not take its place.
    await note("00000000-later");
    await kill();
    await until(/^ready/m);
    await eventually("the second is out of the way", () => !existsSync(sessionFile), PATIENCE_MS);
    assert.equal(await readFile(failedFile, "utf8"), "00000000-gone\n");
  },
);

test("what is no id is not gone on with, and is not read as shell", needsSystemd, async (context) => {
  const { host, until, note, conversations, sessionFile } = await stubHost(context, { hasSystemd: true });
  await host.mosaic("fleet install-systemd");
  for (const [index, id] of ["--help", "$(touch hit)", "'; touch hit; '", "a b", "x".repeat(201), ""].entries()) {
    await note(id);
    assert.equal((await host.mosaic("fleet restart lead")).exitCode, 0, id);
    await until(/^ready/m);
    assert.equal((await conversations()).length, index + 1, `${id} was gone on with`);
  }
  assert.equal(existsSync(sessionFile), true);
  const below = await readdir(host.home, { recursive: true });
  assert.equal(
    below.some((path) => path.endsWith("hit")),
    false,
  );
});
