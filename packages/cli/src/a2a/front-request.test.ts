import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlainRequest } from "@mosaic/rpc";
import { refusalOf } from "./front-request.ts";

const TOKEN = "0123456789abcdef";

function request(headers: Record<string, string>): PlainRequest {
  return { headers: { host: "127.0.0.1:8790", ...headers } } as unknown as PlainRequest;
}

test("the token is asked for, and no other will do", () => {
  assert.equal(refusalOf(request({ authorization: `Bearer ${TOKEN}` }), TOKEN), undefined);
  for (const authorization of ["", TOKEN, `Bearer ${TOKEN}x`, "Bearer "])
    assert.equal(refusalOf(request({ authorization }), TOKEN)?.status, 401, authorization);
  assert.equal(refusalOf(request({}), TOKEN)?.status, 401);
  assert.equal(refusalOf(request({}), undefined), undefined, "without a token nobody is asked for one");
});

test("a page in a browser is refused, also with the token", () => {
  const authorization = `Bearer ${TOKEN}`;
  assert.equal(refusalOf(request({ authorization, origin: "http://localhost:8790" }), TOKEN)?.status, 403);
  for (const host of ["evil.test", "evil.test:8790", "127.0.0.1.evil.test", "localhost.evil.test", "10.0.0.1", ""])
    assert.equal(refusalOf(request({ authorization, host }), TOKEN)?.status, 403, host);
  for (const host of ["localhost", "127.0.0.1", "[::1]:8790"])
    assert.equal(refusalOf(request({ authorization, host }), TOKEN), undefined, host);
});
