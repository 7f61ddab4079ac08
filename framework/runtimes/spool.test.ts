import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

interface Spool {
  write(event: object): void;
  progress(): void;
}
const { openSpool }: { openSpool(env: Record<string, string>): Spool | undefined } = await import(
  new URL("spool.mjs", import.meta.url).href
);

function opened(context: TestContext) {
  const home = mkdtempSync(join(tmpdir(), "mosaic-spool-"));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  const spool = openSpool({ MOSAIC_HOME: home, MOSAIC_AGENT_NAME: "coder0" });
  assert.ok(spool);
  const folder = join(home, "fleet/run/spool");
  const read = () =>
    readdirSync(folder).map((name): [string, unknown] => [name, JSON.parse(readFileSync(join(folder, name), "utf8"))]);
  return { home, folder, spool, read };
}

test("events are whole files for their owner alone, whose names keep their order", (context) => {
  const { folder, spool, read } = opened(context);
  for (let n = 0; n < 50; n += 1) spool.write({ event: "e", n });
  const names = read().map(([name]) => name);
  assert.ok(
    names.every((name) => /^\d{19}-\d+\.coder0\.json$/.test(name)),
    names[0],
  );
  assert.deepEqual(
    read().map(([, event]) => (event as { n: number }).n),
    Array.from({ length: 50 }, (_, n) => n),
  );
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, names[0] ?? "")).mode & 0o777, 0o600);
});

test("progress is one file, however often it is told", (context) => {
  const { spool, read } = opened(context);
  for (let n = 0; n < 50; n += 1) spool.progress();
  assert.deepEqual(read(), [["progress.coder0.json", { event: "progress" }]]);
});

test("a text that is too long is left out, not cut", (context) => {
  const { spool, read } = opened(context);
  spool.write({ event: "accepted", text: "ü".repeat(300_000), turnId: "t" });
  spool.write({ event: "accepted", text: "ü".repeat(200_000), turnId: "t" });
  const [long, short] = read().map(([, event]) => event as { text?: string });
  assert.deepEqual(long, { event: "accepted", turnId: "t", isCut: true });
  assert.equal(short?.text?.length, 200_000);
});

test("outside an agent of Mosaic's there is no spool, and one that can't be written to does no harm", (context) => {
  for (const env of [{}, { MOSAIC_HOME: "/x" }, { MOSAIC_AGENT_NAME: "a" }, { MOSAIC_HOME: "/x", MOSAIC_AGENT_NAME: "a/../b" }]) {
    assert.equal(openSpool(env as Record<string, string>), undefined);
  }
  const { home } = opened(context);
  writeFileSync(join(home, "file"), "");
  const spool = openSpool({ MOSAIC_HOME: join(home, "file"), MOSAIC_AGENT_NAME: "a" });
  spool?.write({ event: "e" });
  spool?.progress();
  assert.ok(!existsSync(join(home, "fleet")));
});
