import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { AgentReport, PaneCapture, RosterAgent } from "@mosaic/core";
import { pick, seededRandom } from "@mosaic/testkit";
import type { LaunchContext, RuntimeAdapter } from "./contract.ts";
import { mutated, randomJson, samples, stringsIn } from "./events-for-tests.ts";
import { runtimes } from "./registry.ts";

const root = new URL("../../..", import.meta.url).pathname;
const context: LaunchContext = {
  tenantId: "team-a",
  host: "alpha",
  mosaicHome: "/home/u/.config/mosaic",
  nodeSocketPath: "/run/user/1000/mosaic.sock",
  path: "/usr/bin",
  frameworkDirectory: `${root}framework`,
  nodeProgram: "/opt/node/bin/node",
};
const agentOf = (runtime: string): RosterAgent => ({
  ...{ name: "coder0", runtime, agentClass: "", lifecycle: "core", workingDirectory: "~/src", resetBetweenTasks: false },
  ...{ limits: {}, command: ["python3", "agent.py"], ...(runtime === "command" ? {} : { modelHint: "slow=5" }) },
});
const capture = (lines: readonly string[]): PaneCapture => ({
  ...{ lines, columns: 120, rows: 40, cursorColumn: 0, cursorRow: 0 },
  ...{ isCursorVisible: true, isAlternateScreen: false },
});

for (const runtime of runtimes) {
  test(`${runtime.name}: has a page that says what was measured`, () => {
    const path = `${root}docs/runtimes/${runtime.name}.md`;
    assert.ok(existsSync(path), `docs/runtimes/${runtime.name}.md is missing: see docs/runtimes/README.md`);
    assert.match(readFileSync(path, "utf8"), new RegExp(`^# ${runtime.name}\\n`));
  });

  test(`${runtime.name}: resuming is the same launch line with the conversation's id as a word of its own`, () => {
    const { resume } = runtime;
    if (resume === undefined) return;
    const agent = agentOf(runtime.name);
    for (const id of ["ses_1", "01a1-fecc", "a b;$(c)"]) {
      const fresh = runtime.launch(agent, context);
      const resumed = resume(agent, context, id);
      assert.deepEqual(resumed.env, fresh.env);
      assert.ok(
        resumed.argv.some((word) => word === id || word.endsWith(`=${id}`)),
        resumed.argv.join(" "),
      );
      const missing = fresh.argv.filter((word) => !resumed.argv.includes(word));
      assert.deepEqual(missing, [], "words of the launch line that are gone");
    }
  });

  test(`${runtime.name}: each file of framework/ that its launch line names is there`, () => {
    const { argv, env } = runtime.launch(agentOf(runtime.name), context);
    const words = [...argv, ...Object.values(env)].flatMap((word) => word.match(/\/[^\s"'\\]*\/framework\/[^\s"'\\]+/g) ?? []);
    for (const path of words) assert.ok(existsSync(path), path);
  });

  test(`${runtime.name}: what it hears of any event is well formed, and no text is made up`, () => {
    const random = seededRandom(4);
    for (let round = 0; round < 4_000; round += 1) {
      const payload = round % 2 === 0 ? randomJson(random, 3) : mutated(pick(samples, random), random);
      const report = runtime.hear?.({ payload, atUnixMs: round });
      if (report !== undefined) assertWellFormed(report, stringsIn(payload), JSON.stringify(payload));
      const line = random() < 0.5 ? JSON.stringify(payload) : JSON.stringify(payload ?? null).slice(0, Math.floor(random() * 99));
      const written = runtime.hearTranscript?.(line ?? "");
      if (written !== undefined) assertWellFormed(written, stringsIn(payload), line);
    }
  });

  test(`${runtime.name}: a screen that shows nothing takes no text and holds no draft, and none makes it throw`, () => {
    const random = seededRandom(5);
    const blank = Array.from({ length: 40 }, () => "");
    if (runtime.blockedBy !== undefined) assert.notEqual(runtime.blockedBy(capture(blank)), undefined);
    assert.equal(runtime.draftOn?.(blank), undefined);
    const pieces = [
      "┃",
      "╹▀▀▀▀▀▀▀▀▀▀",
      "────────────",
      "> ",
      "❯ ",
      "› ",
      "│",
      "╭──",
      "╰──",
      "ctrl+p",
      "text",
      " ",
      "→ ",
      "? for shortcuts",
    ];
    for (let round = 0; round < 1_000; round += 1) {
      const line = () => Array.from({ length: Math.floor(random() * 5) }, () => pick(pieces, random)).join("");
      const lines = Array.from({ length: Math.floor(random() * 12) }, line);
      assert.notEqual(runtime.draftOn?.(lines), "");
      assert.notEqual(runtime.blockedBy?.(capture(lines)), "");
    }
  });

  test(`${runtime.name}: hooks are installed once however often, and taken away whole`, () => {
    for (const file of hookFiles(runtime)) {
      const installed = file.install(undefined);
      assert.equal(file.install(installed), installed, file.path);
      assert.ok(file.path.startsWith("/"), file.path);
      assert.doesNotMatch(file.remove(installed) ?? "", /mosaic/i, file.path);
    }
  });
}

function hookFiles(runtime: RuntimeAdapter) {
  return runtime.hooks?.files({ home: "/home/u", context, workingDirectories: ["/home/u/src"] }) ?? [];
}

function assertWellFormed(report: AgentReport, told: ReadonlySet<string>, event: string): void {
  for (const { text, turnId } of report.accepted ?? []) {
    assert.ok(told.has(text), `accepted ${JSON.stringify(text)}, which was not told by ${event}`);
    assert.equal(typeof turnId, "string");
  }
  for (const id of [...(report.endedTurnIds ?? []), ...(report.brokenTurns ?? []).map(({ turnId }) => turnId)]) {
    assert.equal(typeof id, "string", event);
  }
  for (const { requestId, summary } of report.asked ?? []) {
    assert.ok(requestId !== "" && requestId.length <= 200, event);
    assert.ok(summary.length <= 500 && !summary.includes("\n"), event);
  }
  for (const value of [report.turnId, report.sessionId, report.transcriptPath, report.detail, report.waitingFor]) {
    assert.ok(value === undefined || typeof value === "string", event);
  }
  assert.ok(report.status === undefined || (report.status >= 0 && report.status <= 6), event);
}
