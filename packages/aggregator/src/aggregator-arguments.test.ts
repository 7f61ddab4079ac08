import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { AGGREGATOR_HELP, type AggregatorFlags, toAggregatorArguments } from "./aggregator-arguments.ts";

const defaults = { home: "/home/u", mosaicHome: undefined, store: undefined, host: "alpha" };

function storeOf(flags: Partial<AggregatorFlags>, store?: string): string | undefined {
  const options = toAggregatorArguments({ "log-level": "info", ...flags }, { ...defaults, store });
  return typeof options === "string" ? options : options.storeUrl?.shown;
}

test("a database is used when the command line names one, or else the environment does", () => {
  assert.equal(storeOf({}), undefined);
  assert.equal(storeOf({}, "postgres://u:secret@localhost/one"), "postgres://u@localhost/one");
  assert.equal(storeOf({ store: "postgres://localhost/two" }, "postgres://localhost/one"), "postgres://localhost/two");
  assert.match(AGGREGATOR_HELP, /--store URL.*\n.*PGPASSFILE/);
});

test("a store that is no database is refused, and not quoted", () => {
  assert.throws(
    () => storeOf({}, "u:secret@localhost"),
    (thrown) => thrown instanceof MosaicError && thrown.code === "USAGE" && !thrown.message.includes("secret"),
  );
});
