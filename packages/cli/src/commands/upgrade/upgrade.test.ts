import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCli } from "../../cli.ts";
import { type MemoryIo, memoryIo } from "../../io/memory-io.ts";

/** A world whose npm answers once a file is there. */
function worldWithSlowNpm(context: TestContext, isStderrTerminal: boolean): { io: MemoryIo; answer: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-upgrade-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const go = join(folder, "go");
  const npm = join(folder, "npm");
  writeFileSync(npm, `#!/bin/sh\nwhile [ ! -e '${go}' ]; do sleep 0.05; done\necho '"999.0.0"'\n`);
  chmodSync(npm, 0o755);
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, HOME: folder };
  return { io: memoryIo({ isStderrTerminal, env }), answer: () => writeFileSync(go, "") };
}

test("upgrade --check tells at a terminal what it asks and for how long, until npm answers", async (context) => {
  const { io, answer } = worldWithSlowNpm(context, true);
  const ending = runCli(["upgrade", "--check"], io);
  await io.stderr.shows(/mosaic: asking npm for mosaic-fleet@latest … 0 s of at most 30 s/);
  answer();
  assert.equal(await ending, 0);
  assert.match(io.stdout.text, /^999\.0\.0 is there/);
  assert.match(io.stderr.text, /s\r\x1b\[Kthis mosaic is [^\r]*\n$/);
});

test("upgrade --check --json, and one whose talk goes to a file, say nothing of waiting", async (context) => {
  for (const [words, isTerminal] of [[["--json"], true] as const, [[], false] as const]) {
    const { io, answer } = worldWithSlowNpm(context, isTerminal);
    // Longer than it takes until a line would show; under load it takes longer still.
    setTimeout(answer, 600);
    assert.equal(await runCli(["upgrade", "--check", ...words], io), 0);
    assert.doesNotMatch(io.stderr.text, /asking npm|\r/);
  }
});
