/** Texts for agents on their way through real daemons: what guardrails do, and where no text ever shows. */
import assert from "node:assert/strict";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { test } from "node:test";
import { daemonHome, quietRoster } from "./daemon-home.ts";
import { type DemoFleet, startDemoFleet } from "./demo-fleet.ts";
import { startOtlpCollector } from "./otlp-collector.ts";
import type { ProgramEnd } from "./run-program.ts";
import { tellAll } from "./tell-all.ts";

// Looks like a secret, and is in no other text.
const CANARY = ["ghp", "cAnArY0123456789cAnArY0123456789cAnA"].join("_");
const LEAD = "demo/alpha/lead";
/** Where texts lie on purpose: the stores of messages, and what the agent itself keeps. */
const TEXTS = [/^demo\/hosts\/alpha\/stub-agent\//, /^demo\/fleet\/messages\//, /^demo\/hosts\/alpha\/fleet\/messages\//];

test(
  "guardrails of an aggregator and of a node, and no text where nobody asked for it",
  { timeout: 180_000 },
  tellAll(async (t) => {
    await using collector = await startOtlpCollector();
    const env = {
      ...collector.env,
      MOSAIC_DEBUG: "1",
    };
    await using fleet = await startDemoFleet({ hosts: 1, agents: 1, env });
    const ends: ProgramEnd[] = [];
    const mosaic = async (...args: string[]) => {
      const end = await fleet.mosaic(args);
      ends.push(end);
      return end;
    };
    await t.test("a text that no rule looks for shows in no log, trace, error, record or answer", async () => {
      const sent = await mosaic("agent", "send", LEAD, "-m", `look at ${CANARY}`, "--id", "m-plain", "--verify", "--json");
      assert.equal(sent.exitCode, 0, sent.stderr);
      await mosaic("agent", "send", LEAD, "-m", `another ${CANARY}`, "--id", "m-plain", "--json");
      await mosaic("agent", "send", "demo/alpha/nobody", "-m", CANARY, "--json");
      await mosaic("message", "list", "--json", "--all-hosts");
      await mosaic("audit", "list", "--json");
      await mosaic("fleet", "ps", "--all-hosts", "--json");
      await fleet.eventually("traces came", () => collector.spans.some(({ name }) => name === "agent.inject"));
      await assertNowhere(fleet, ends, collector.bodies);
      const shown = await fleet.mosaic(["message", "show", "m-plain", "--json", "--text"]);
      assert.ok(shown.exitCode !== 0 || shown.stdout.includes(CANARY), "the same look finds it where it was asked for");
    });
    await t.test("the aggregator blocks by its file, at once, and the text is nowhere", async () => {
      await rules(fleet.directory, "{ name: keys, mode: block, secrets: [github] }");
      const blocked = await fleet.eventually("the rule is in force", async () => {
        const end = await mosaic("agent", "send", LEAD, "-m", `use ${CANARY}`, "--json");
        return end.exitCode === 5 && end;
      });
      assert.equal(JSON.parse(blocked.stdout).code, "NOT_ALLOWED");
      assert.match(blocked.stderr + blocked.stdout, /guardrail \\?"keys/);
      await assertNowhere(fleet, ends, collector.bodies);
      await rules(fleet.directory, "{ name: keys, mode: observe, secrets: [github] }");
    });
    await t.test("a node redacts what comes to it, and says so in the receipt", async () => {
      await rules(fleet.daemon("alpha").home, "{ name: cards, mode: redact, secrets: [github] }");
      const node = fleet.daemon("alpha").endpoint;
      const receipt = await fleet.eventually("the rule is in force", async () => {
        const end = await mosaic("agent", "send", LEAD, "-m", `key ${CANARY} here`, "--verify", "--json", "--endpoint", node);
        const told = JSON.parse(end.stdout).receipt;
        return told?.guard !== null && told;
      });
      assert.deepEqual(receipt.guard, { mode: "redacted", rules: ["cards"] });
      const log = await fleet.mosaic(["audit", "list", "--json", "--mosaic-home", fleet.daemon("alpha").home]);
      const [record] = JSON.parse(log.stdout).items.filter(({ action }: { action: string }) => action === "message.guard");
      assert.deepEqual([record.facts.mode, record.facts.rules, record.facts.text_sha256.length], ["redact", "cards", 64]);
      const verified = await fleet.mosaic(["audit", "verify", "--mosaic-home", fleet.daemon("alpha").home]);
      assert.equal(verified.exitCode, 0, verified.stdout);
      await assertNowhere(fleet, ends, collector.bodies);
    });
  }),
);

async function rules(home: string, rule: string): Promise<void> {
  await writeFile(join(home, "fleet/guardrails.yaml"), `rules: [${rule}]\n`);
}

async function assertNowhere(fleet: DemoFleet, ends: readonly ProgramEnd[], bodies: readonly string[]): Promise<void> {
  for (const end of ends) assert.ok(!`${end.stdout}${end.stderr}`.includes(CANARY), `an answer: ${end.stdout}${end.stderr}`);
  assert.ok(!bodies.join().includes(CANARY), "a trace");
  const found: string[] = [];
  let looked = 0;
  for (const entry of await readdir(fleet.folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(fleet.folder, path);
    if (!entry.isFile() || TEXTS.some((texts) => texts.test(name))) continue;
    looked += 1;
    // One that is gone meanwhile holds nothing.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (bytes.includes(CANARY)) found.push(name);
  }
  assert.ok(looked > 5, `${looked} files`);
  assert.deepEqual(found, []);
}

test("guardrails that can't be used, or that others may write, keep a node from starting", { timeout: 60_000 }, async () => {
  await using home = await daemonHome();
  await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
  await home.write("fleet/guardrails.yaml", "rules: [{ name: keys, mode: stop, secrets: true }]\n");
  const bad = await home.fails("node");
  assert.equal(bad.exitCode, 1);
  assert.match(bad.stderr, /guardrails\.yaml: rule 1: mode is "stop"; it may be observe, redact, block/);
  await chmod(join(home.mosaicHome, "fleet/guardrails.yaml"), 0o666);
  const open = await home.fails("node");
  assert.equal(open.exitCode, 5);
  assert.match(open.stderr, /its mode is 0666, so that others may write it\nhint: chmod go-w /);
});
