import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import type { GlobalOptions } from "../parse/global-options.ts";
import { askFirst, placesFor } from "./endpoints.ts";

const globals = { mosaicHome: "/m", endpoint: undefined, isEndpointFlagged: false, isRosterFlagged: false } as GlobalOptions;

test("of several endpoints the first that answers is asked, and where nobody does all are named", async () => {
  const places = placesFor("all-hosts", { ...globals, endpoint: "unix:/one.sock, 127.0.0.1:8788,/three.sock" });
  const asked: unknown[] = [];
  const notServed = new MosaicError("NOT_SERVED", "nobody there");
  const answer = await askFirst(places, async ({ endpoint }) => {
    asked.push(endpoint);
    if (asked.length < 2) throw notServed;
    return "here";
  });
  assert.equal(answer, "here");
  assert.deepEqual(asked, [
    { kind: "unix", path: "/one.sock" },
    { kind: "tcp", hostname: "127.0.0.1", port: 8788 },
  ]);
  await assert.rejects(
    askFirst(places, async () => {
      throw notServed;
    }),
    /no daemon answers at unix:\/one\.sock or http:\/\/127\.0\.0\.1:8788 or unix:\/three\.sock/,
  );
});

test("one that took the request is the last that is asked", async () => {
  const places = placesFor("all-hosts", { ...globals, endpoint: "/one.sock,/two.sock" });
  let calls = 0;
  const late = new MosaicError("DEADLINE", "too late");
  await assert.rejects(
    askFirst(places, async () => {
      calls += 1;
      throw late;
    }),
    late,
  );
  assert.equal(calls, 1);
});

test("an endpoint that is none is refused, also behind a good one", () => {
  assert.throws(() => placesFor("all-hosts", { ...globals, endpoint: "/one.sock," }), /USAGE|endpoint/i);
});
