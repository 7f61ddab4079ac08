import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { AuditEntry, Clock } from "@mosaic/core";
import { fileAuditLog } from "@mosaic/host";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";

export const NOW_MS = Date.UTC(2026, 10, 21, 12);
export const ENTRY: AuditEntry = {
  action: "agent.reset",
  actor: "desk:operator",
  tenantId: "team-a",
  host: "alpha",
  agent: "lead",
  facts: { how: "new" },
};

/** A MOSAIC_HOME of its own with an audit log, for one test. */
export function auditHome(context: TestContext) {
  const home = mkdtempSync(join(tmpdir(), "mosaic-audit-"));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, "fleet"), { mode: 0o700 });
  const path = join(home, "fleet/audit.jsonl");
  let nowMs = NOW_MS;
  const clock: Clock = { nowUnixMs: () => nowMs, monotonicMs: () => 0, sleep: async () => {} };
  const log = fileAuditLog({ path, clock });
  return {
    ...{ home, path, clock },
    async record(entry: Partial<AuditEntry> = {}, atMs = NOW_MS): Promise<void> {
      nowMs = atMs;
      await log.record({ ...ENTRY, ...entry });
      nowMs = NOW_MS;
    },
    async mosaic(...argv: readonly string[]) {
      const io = memoryIo({ clock });
      const exitCode = await runCli([...argv, "--mosaic-home", home], io);
      return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
    },
  };
}
