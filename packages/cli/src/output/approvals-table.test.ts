import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApprovalsAnswer } from "../fleet/approvals-answer.ts";
import { approvalsTable } from "./approvals-table.ts";
import { plainStyle } from "./style.ts";

const ITEM: ApprovalsAnswer["items"][number] = {
  ...{ tenant_id: "team-a", host: "alpha", host_id: "id-alpha", name: "coder0", runtime: "claude", state: "waiting" },
  ...{ request_id: "0196c5d2-7c1e-4b7a-9f53-20c19b2445cb", tool: "Bash", age_ms: 41_000, answerable: true },
  summary: "git push --force origin main && rm -rf build",
};
const ASKED = "Bash: git push --force origin main && rm -rf build";

function draw(columns: number | undefined): string[] {
  const base = { schema: "mosaic.agent.approvals/1", complete: true, via: "aggregator", hosts: [] } as const;
  return approvalsTable({ ...base, items: [ITEM] }, { columns, style: plainStyle }).split("\n");
}

test("on 80 columns what is asked for stands whole below its agent, and the way to answer can be copied", () => {
  assert.deepEqual(draw(80), [
    "AGENT                RUNTIME  AGE  REQUEST",
    "team-a/alpha/coder0  claude   41s  0196c5d2-7c1e-4b7a-9f53-20c19b2445cb",
    `  ${ASKED}`,
    "1 to answer.",
    "answer: mosaic agent approve team-a/alpha/coder0 0196c5d2-7c1e-4b7a-9f53-20c19b2445cb (or deny)",
    "",
  ]);
});

test("with room for it, it stands beside its agent", () => {
  assert.match(draw(undefined)[1] ?? "", new RegExp(`^team-a/alpha/coder0 {2}claude {3}41s .* {2}${ASKED}$`));
});
