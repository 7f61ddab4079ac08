import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { anAgent } from "@mosaic/testkit";
import { ConditionSchema } from "@mosaic/wire";
import { RecordingRemarks } from "./recording-remarks.ts";

const pane = { paneId: "%1", alive: true };
const lead = anAgent({ name: "lead", pane });
const coder = anAgent({ name: "coder0", pane });
function remarking() {
  const problems = new Map<string, string>();
  return { problems, remarks: new RecordingRemarks(() => problems) };
}

test("without a problem the rows are the very ones that came", () => {
  const rows = [lead, coder];
  assert.equal(remarking().remarks.addTo(rows), rows);
});

test("an agent that should be recorded and is not has a condition with the reason; others are left alone", () => {
  const { problems, remarks } = remarking();
  problems.set("lead", "no space is left on the disk");
  const [first, second] = remarks.addTo([lead, coder]);
  assert.deepEqual(
    first?.conditions.map(({ type, message }) => [type, message]),
    [["RECORDING_STOPPED", "it is not recorded, and tried again each minute: no space is left on the disk"]],
  );
  assert.deepEqual([first?.name, first?.pane?.paneId, second === coder, lead.conditions], ["lead", "%1", true, []]);
});

test("it stands among the other conditions by its type", () => {
  const { problems, remarks } = remarking();
  problems.set("lead", "x");
  const conditions = ["DRIFT", "UNIT_WITHOUT_AGENT"].map((type) => create(ConditionSchema, { type }));
  const [row] = remarks.addTo([anAgent({ name: "lead", pane, conditions })]);
  assert.deepEqual(
    row?.conditions.map(({ type }) => type),
    ["DRIFT", "RECORDING_STOPPED", "UNIT_WITHOUT_AGENT"],
  );
});

test("the same row with the same reason is the same object again, and another reason or row makes a new one", () => {
  const { problems, remarks } = remarking();
  problems.set("lead", "full");
  const [first] = remarks.addTo([lead]);
  assert.equal(remarks.addTo([lead])[0], first);
  problems.set("lead", "read-only");
  const [second] = remarks.addTo([lead]);
  assert.match(second?.conditions[0]?.message ?? "", /read-only/);
  const [third] = remarks.addTo([anAgent({ name: "lead", pane })]);
  assert.notEqual(third, second);
  problems.clear();
  assert.equal(remarks.addTo([lead])[0], lead);
});

test("an agent that does not run, or whose process ended, has nothing that could be recorded", () => {
  const { problems, remarks } = remarking();
  problems.set("lead", "full");
  const [dead, none] = [anAgent({ name: "lead", pane: { ...pane, alive: false } }), anAgent({ name: "lead" })];
  assert.deepEqual(remarks.addTo([dead, none]), [dead, none]);
});
