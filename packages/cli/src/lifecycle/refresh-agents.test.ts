import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { fileStore } from "@mosaic/host";
import { aRoster, FakeTerminal, FakeUnits, RecordingAudit, realClock } from "@mosaic/testkit";
import { memoryFleet } from "./memory-fleet-for-tests.ts";
import { refreshAgents } from "./refresh-agents.ts";

async function world(context: TestContext) {
  const fakes = {
    audit: new RecordingAudit(),
    files: fileStore(),
    units: new FakeUnits(),
    terminal: new FakeTerminal(realClock),
  };
  const { fleet } = await memoryFleet(context, { roster: aRoster(["lead"]), ...fakes });
  const hook = `${fleet.site.paths.frameworkDirectory}/runtimes/hook`;
  return { fleet, files: fakes.files, hook };
}

test("a start brings the hooks that the launch lines name, also over those of an older program", async (context) => {
  const { fleet, files, hook } = await world(context);
  await refreshAgents(fleet, fleet.roster.agents, context.signal);
  const shipped = await files.read(hook);
  assert.match(shipped ?? "", /^#!\/bin\/sh\n/);
  assert.equal(statSync(hook).mode & 0o777, 0o755);
  await files.write(hook, "#!/bin/sh\n# an older one\n", 0o755);
  await refreshAgents(fleet, fleet.roster.agents, context.signal);
  assert.equal(await files.read(hook), shipped);
});

test("nothing is copied where agents run in tmux alone", async (context) => {
  const { fleet, files, hook } = await world(context);
  const alone = { ...fleet, supervisor: { ...fleet.supervisor, kind: "tmux" as const } };
  await refreshAgents(alone, fleet.roster.agents, context.signal);
  assert.equal(await files.read(hook), undefined);
});
