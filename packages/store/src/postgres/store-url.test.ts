import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { parseStoreUrl } from "./store-url.ts";

const SECRET = "s3cret";

describe("the URL of a store", () => {
  const good: [text: string, shown: string, host: string][] = [
    ["postgres://localhost/mosaic", "postgres://localhost/mosaic", "localhost"],
    [`postgresql://mosaic:${SECRET}@127.0.0.1:5433/mosaic`, "postgres://mosaic@127.0.0.1:5433/mosaic", "127.0.0.1"],
    ["postgres://u@[::1]:5433/db", "postgres://u@[::1]:5433/db", "::1"],
    ["postgres:///mosaic", "postgres:///mosaic?host=/var/run/postgresql", "/var/run/postgresql"],
    [`postgres://u:${SECRET}@/db?host=%2Ftmp%2Fx&port=6000`, "postgres://u@/db?host=/tmp/x&port=6000", "/tmp/x"],
    [`postgres://u:${SECRET}@db.example.org/m?sslmode=verify-full`, "postgres://u@db.example.org/m", "db.example.org"],
  ];
  for (const [text, shown, host] of good) {
    test(`${shown} is shown without secrets, and leads to ${host}`, () => {
      const parsed = parseStoreUrl(text);
      assert.equal(parsed.shown, shown);
      assert.equal(new URL(parsed.url).searchParams.get("host"), host);
      assert.equal(parsed.url.includes(SECRET), text.includes(SECRET));
    });
  }

  const bad: [text: string, code: MosaicError["code"], why: RegExp][] = [
    [`mysql://u:${SECRET}@localhost/db`, "USAGE", /not begin with postgres/],
    [`postgres://u:${SECRET}@localhost`, "USAGE", /no database/],
    [`postgres://u:${SECRET}@localhost:port/db`, "USAGE", /no URL/],
    [`postgres://u:${SECRET}@localhost/db?options=-c%20fsync%3Doff`, "USAGE", /"options"/],
    [`postgres://u@localhost/db?password=${SECRET}`, "USAGE", /"password"/],
    [`postgres://u:${SECRET}@db.example.org/db`, "NOT_ALLOWED", /db\.example\.org/],
    [`postgres://u:${SECRET}@10.0.0.1/db?sslmode=require`, "NOT_ALLOWED", /10\.0\.0\.1/],
    [`postgres://u:${SECRET}@localhost/db?host=10.0.0.1`, "NOT_ALLOWED", /10\.0\.0\.1/],
    [SECRET, "USAGE", /no URL/],
  ];
  for (const [text, code, why] of bad) {
    test(`${text.replace(SECRET, "…")} is refused, without what it holds`, () => {
      assert.throws(
        () => parseStoreUrl(text),
        (thrown) => {
          assert.ok(thrown instanceof MosaicError);
          assert.doesNotMatch(`${thrown.message} ${thrown.hint}`, new RegExp(SECRET));
          return thrown.code === code && why.test(thrown.message);
        },
      );
    });
  }
});
