import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "../errors.ts";
import type { RecordingFile } from "../ports/recording-store.ts";
import { findRecording } from "./find-recording.ts";

const ids = ["20251121T100000500Z-3f9a1c", "20251121T100000500Z-3f9a1d", "20251122T100000500Z-aaaaaa"];
const files = ids.map((id): RecordingFile => {
  return { id, agent: "lead", path: "", startedUnixMs: 0, modifiedUnixMs: 0, bytes: 0, isBeingWritten: false };
});

function refusal(wanted: string): MosaicError {
  try {
    findRecording(files, wanted);
  } catch (thrown) {
    if (thrown instanceof MosaicError) return thrown;
  }
  return assert.fail("it was found");
}

test("a recording is found by its id, and by a beginning that only it has", () => {
  for (const id of ids) assert.equal(findRecording(files, id).id, id);
  assert.equal(findRecording(files, "20251122").id, ids[2]);
});

test("a beginning of several is refused with what there is to choose from", () => {
  assert.equal(refusal("20251121").code, "USAGE");
  assert.match(refusal("20251121").message, /^2 recordings begin with "20251121"$/);
  assert.match(refusal("20251121").hint ?? "", /3f9a1c, 20251121T100000500Z-3f9a1d/);
});

test("a slip is answered with what was meant, and nonsense with where to look", () => {
  assert.match(refusal("20251122T100000500Z-aaaaab").hint ?? "", /did you mean 20251122T100000500Z-aaaaaa/);
  assert.equal(refusal("x").hint, "see mosaic sessions list");
  assert.equal(refusal("").hint, "see mosaic sessions list");
});
