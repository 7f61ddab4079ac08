/** Links that somebody planted where ours go: what they lead to is never written, and nobody listens behind one. */
import assert from "node:assert/strict";
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FakeClock } from "@mosaic/testkit";
import { fileAuditLog } from "./audit-log.ts";
import { writeFileAtomically } from "./files.ts";
import { claimSocketPath } from "./local-socket.ts";
import { persistentId } from "./persistent-id.ts";

const VICTIM = "a file of somebody\n";

function planted(context: TestContext, name: string) {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-planted-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const victim = join(folder, "victim");
  writeFileSync(victim, VICTIM);
  const ours = join(folder, "ours");
  mkdirSync(ours, { mode: 0o700 });
  const path = join(ours, name);
  symlinkSync(victim, path);
  return { folder: ours, path, isSafe: () => assert.equal(readFileSync(victim, "utf8"), VICTIM) };
}

test("a socket is not made behind a link, nor in a folder that is one", async (context) => {
  const { folder, path, isSafe } = planted(context, "node.sock");
  await assert.rejects(claimSocketPath(path), { code: "MACHINE", message: /something that is no socket is in the way$/ });
  symlinkSync(folder, `${folder}-link`);
  await assert.rejects(claimSocketPath(join(`${folder}-link`, "other.sock")), {
    code: "MACHINE",
    message: /who owns what it leads to may replace what is in it$/,
  });
  isSafe();
});

test("the audit log is not written through a link, and says why", async (context) => {
  const { path, isSafe } = planted(context, "audit.jsonl");
  const entry = { action: "agent.reset", actor: "x", tenantId: "team-a", host: "alpha" };
  await assert.rejects(fileAuditLog({ path, clock: new FakeClock() }).record(entry), { code: "MACHINE", message: /ELOOP|link/ });
  isSafe();
});

test("a file that is replaced takes the place of a link, and what that led to stays", async (context) => {
  const { path, isSafe } = planted(context, "node.json");
  await writeFileAtomically(path, "{}\n", 0o600);
  assert.deepEqual([lstatSync(path).isSymbolicLink(), lstatSync(path).mode & 0o777], [false, 0o600]);
  isSafe();
});

test("an id is not written through what was planted under its passing name", async (context) => {
  const { folder, isSafe } = planted(context, `host_id.${process.pid}`);
  const id = await persistentId(join(folder, "host_id"));
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal(await persistentId(join(folder, "host_id")), id);
  isSafe();
});
