import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ERROR_CODES, type ErrorCode, MosaicError } from "@mosaic/core";
import { ErrorInfoSchema } from "@mosaic/wire";
import { fromConnectError, statusNameOf, toConnectError } from "./error-mapping.ts";

const codes = Object.keys(ERROR_CODES) as ErrorCode[];
const candidates = [{ tenantId: "team-a", host: "alpha", name: "lead" }];

for (const code of codes) {
  test(`${code} goes out as ${ERROR_CODES[code].rpc} and comes back as it was`, () => {
    const error = new MosaicError(code, `what failed: ${code}`, { hint: "do this", candidates });
    const sent = toConnectError(error);
    assert.equal(statusNameOf(sent), ERROR_CODES[code].rpc);
    assert.equal(statusNameOf(error), ERROR_CODES[code].rpc);
    const back = fromConnectError(sent, "call");
    assert.deepEqual([back.code, back.message, back.hint, back.candidates], [code, error.message, "do this", candidates]);
  });
}

test("an error of another server is understood by its status, and says what was called", () => {
  const numbers = Object.values(Code).filter((code) => typeof code === "number");
  for (const code of numbers) {
    const error = fromConnectError(new ConnectError("no", code), "list");
    assert.ok(error.code in ERROR_CODES);
    assert.equal(error.message, "list: no");
  }
  const known = [
    [Code.Unavailable, "HOST_UNREACHABLE"],
    [Code.DeadlineExceeded, "DEADLINE"],
    [Code.Unimplemented, "NOT_HERE"],
    [Code.Canceled, "CANCELLED"],
    [Code.Unauthenticated, "NOT_ALLOWED"],
    [Code.Unknown, "INTERNAL"],
  ] as const;
  for (const [code, expected] of known) assert.equal(fromConnectError(new ConnectError("no", code), "x").code, expected);
});

test("status names are those of gRPC", () => {
  assert.equal(statusNameOf(new ConnectError("x", Code.Canceled)), "CANCELLED");
  assert.equal(statusNameOf(new ConnectError("x", Code.DeadlineExceeded)), "DEADLINE_EXCEEDED");
  assert.equal(statusNameOf(new ConnectError("x", Code.OutOfRange)), "OUT_OF_RANGE");
});

test("an ErrorInfo of a newer or a hostile server falls back to the status", () => {
  for (const code of ["SOMETHING_NEW", "", "toString", "constructor", "__proto__", "hasOwnProperty"]) {
    const details = [{ desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { code }) }];
    const error = fromConnectError(new ConnectError("no", Code.NotFound, undefined, details), "send");
    assert.equal(error.code, "AGENT_NOT_FOUND", code);
    assert.equal(typeof error.exitCode, "number", code);
  }
});

test("whatever a handler throws is mapped: an abort is a cancellation, a bug is INTERNAL", () => {
  assert.equal(toConnectError(new DOMException("x", "AbortError")).code, Code.Canceled);
  assert.equal(toConnectError(new DOMException("x", "TimeoutError")).code, Code.DeadlineExceeded);
  assert.equal(toConnectError(new TypeError("x is not a function")).code, Code.Internal);
  assert.equal(toConnectError("a text").code, Code.Internal);
  const already = new ConnectError("x", Code.Aborted);
  assert.equal(toConnectError(already), already);
});

test("a call that failed without a server's word is understood too", () => {
  assert.equal(fromConnectError(new DOMException("x", "AbortError"), "list").code, "CANCELLED");
  const own = new MosaicError("USAGE", "mine");
  assert.equal(fromConnectError(own, "list"), own);
});
