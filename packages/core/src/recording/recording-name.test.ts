import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRecordingName, RECORDING_SUFFIX, recordingId } from "./recording-name.ts";

test("an id tells when a recording began, to the ms, and sorts by it", () => {
  const first = recordingId(1_763_719_200_500, "7d5e-aa3F9A1C");
  assert.equal(first, "20251121T100000500Z-3f9a1c");
  assert.ok(first < recordingId(1_763_719_200_501, "000000"));
  assert.deepEqual(parseRecordingName(first + RECORDING_SUFFIX), { id: first, startedUnixMs: 1_763_719_200_500 });
});

test("names of other files are none", () => {
  for (const name of [
    "20251121T100000500Z-3f9a1c",
    "20251121T100000500Z-.cast",
    "20251121T100000Z-3f9a1c.cast",
    "20251321T100000500Z-3f9a1c.cast",
    "../20251121T100000500Z-3f9a1c.cast",
    "20251121T100000500Z-3f9a1c.cast\n",
    "20251121T100000500Z-../../x.cast",
  ])
    assert.equal(parseRecordingName(name), undefined, name);
});
