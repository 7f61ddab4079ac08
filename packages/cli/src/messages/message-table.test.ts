import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReceiptJson } from "@mosaic/wire";
import { toSentReceipt } from "../commands/agent/sent-receipt.ts";
import { plainStyle } from "../output/style.ts";
import { receiptJson, SENT_MS } from "./builders-for-tests.ts";
import { messageTable } from "./message-table.ts";

const HELD: ReceiptJson = receiptJson("DELIVERY_STATE_DELIVERED", {
  messageId: "01a201c8-4e9e-7ee7-b3db-806d199f18c3",
  held: "a draft of 23 characters is in the composer",
});
const FAILED: ReceiptJson = receiptJson("DELIVERY_STATE_FAILED", {
  messageId: "01a201c7-fec3-7ddc-9a7a-1d4c0372ba31",
  ...{ reason: "FAILURE_REASON_DRAFT", detail: "a draft is in the composer", attempt: 2 },
});
const ANSWERED: ReceiptJson = receiptJson("DELIVERY_STATE_ANSWERED", {
  messageId: "01a201c7-f8ec-7d6c-af18-41dc24437a7a",
  steps: [{ state: "DELIVERY_STATE_ANSWERED", evidence: "EVIDENCE_HOOK" }],
});

function draw(receipts: readonly ReceiptJson[], columns: number | undefined): string {
  const base = { schema: "mosaic.message.list/1", complete: true, via: "aggregator", truncated: false, hosts: [] } as const;
  const items = receipts.map(toSentReceipt);
  return messageTable({ ...base, items }, SENT_MS + 180_000, { columns, style: plainStyle });
}

const ALL = [HELD, FAILED, ANSWERED];

test("80 columns tell an id that can be typed, whom it is for, its state, its age and the whole reason", () => {
  assert.equal(
    draw(ALL, 80),
    `MESSAGE        AGENT       STATE          EVIDENCE  AGE  FROM
01a201c8-4e9e  alpha/lead  DELIVERED      -         3m   desk:operator
  held: a draft of 23 characters is in the composer
01a201c7-fec3  alpha/lead  FAILED(DRAFT)  -         3m   desk:operator
  a draft is in the composer; attempt 2
01a201c7-f8ec  alpha/lead  ANSWERED       hook      3m   desk:operator
3 messages. Of an id the beginning is enough.
`,
  );
});

test("a reason that fits beside its message stands there, and what matters less gives way for it", () => {
  assert.match(draw([FAILED], 90), /^MESSAGE {8}AGENT {7}STATE {10}AGE {2}NOTES\n.* a draft is in the composer; attempt 2\n/);
});

test("on 50 columns nothing of a reason is cut", () => {
  assert.equal(
    draw([HELD, ANSWERED], 50),
    `MESSAGE        AGENT       STATE      AGE
01a201c8-4e9e  alpha/lead  DELIVERED  3m
  held: a draft of 23 characters is in the
  composer
01a201c7-f8ec  alpha/lead  ANSWERED   3m
2 messages. Of an id the beginning is enough. Not
  shown: EVIDENCE FROM (--wide).
`,
  );
});

test("with room enough, and into a pipe, everything is there", () => {
  const whole = draw(ALL, undefined);
  assert.match(whole, /^01a201c8-4e9e-7ee7-b3db-806d199f18c3 {2}team-a\/alpha\/lead .* composer; from desk:operator$/m);
  assert.equal(draw(ALL, 200), whole);
});

test("ids of the same millisecond are as long as it takes to tell them apart", () => {
  const twin = { ...HELD, messageId: "01a201c8-4e9e-7f00-b3db-806d199f18c3" };
  assert.match(draw([HELD, twin], 80), /^01a201c8-4e9e-7e {2}.*^01a201c8-4e9e-7f {2}/ms);
});

test("the tenant stays where messages of several are listed", () => {
  const other = { ...ANSWERED, agent: { tenantId: "team-b", host: "alpha", name: "lead" } };
  assert.match(draw([HELD, other], 80), /team-a\/alpha\/lead .*\n.*team-b\/alpha\/lead/s);
});
