import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import { errorText } from "./error-text.ts";

test("an error that came without a hint has one by its code, in the words of this command line", () => {
  assert.equal(
    errorText(new MosaicError("HOST_UNREACHABLE", "tail to demo/gamma/lead: the connection broke"), false),
    "mosaic: tail to demo/gamma/lead: the connection broke\nhint: see which hosts answer, and why others don't: mosaic host list\n",
  );
});

test("an error's own hint is the only one, and where nothing helps in general there is none", () => {
  const own = new MosaicError("DEADLINE", "no answer", { hint: "ask again" });
  assert.equal(errorText(own, false), "mosaic: no answer\nhint: ask again\n");
  assert.equal(errorText(new MosaicError("BUSY", "too many"), false), "mosaic: too many\n");
});
