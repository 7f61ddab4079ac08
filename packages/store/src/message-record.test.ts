import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { StoredMessage } from "@mosaic/core";
import { ReceiptSchema } from "@mosaic/wire";
import { fromRecord, toRecord } from "./message-record.ts";

const message: StoredMessage = {
  ...{ messageId: "m-1", sequence: 7, receipt: create(ReceiptSchema, { messageId: "m-1" }), text: "hello", payloadSha256: "p" },
  ...{ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", expiresAtUnixMs: 9, policy: "at-most-once" },
};

test("a message comes back as it was written, with what its sender has signed and without", () => {
  for (const one of [message, { ...message, capability: "a.b-_c.d" }, { ...message, traceparent: "", capability: "a.b.c" }]) {
    const { text, ...record } = toRecord(one);
    const { text: _, ...facts } = one;
    assert.deepEqual(fromRecord({ ...record, textBytes: text.length }), facts);
  }
});
