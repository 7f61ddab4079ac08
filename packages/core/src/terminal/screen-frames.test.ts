import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { pick, seededRandom } from "@mosaic/testkit";
import { AgentAddressSchema, type WatchTerminalResponse } from "@mosaic/wire";
import type { PaneCapture } from "../ports/terminal-server.ts";
import { screenFrame, terminalEnd } from "./screen-frames.ts";

const agent = create(AgentAddressSchema, { tenantId: "team-a", host: "alpha", name: "lead" });
function screen(lines: readonly string[], fields: Partial<PaneCapture> = {}): PaneCapture {
  const cursor = { cursorColumn: 0, cursorRow: 0, isCursorVisible: true };
  return { lines, columns: 80, rows: lines.length, ...cursor, isAlternateScreen: false, ...fields };
}
const kind = (frame: WatchTerminalResponse | undefined) => frame?.frame.case;

test("the first frame is the whole screen, with who is shown", () => {
  const frame = screenFrame(agent, undefined, screen(["a", "b"]))?.frame;
  assert.ok(frame?.case === "screen");
  assert.deepEqual(
    [frame.value.lines, frame.value.columns, frame.value.rows, frame.value.agent?.name],
    [["a", "b"], 80, 2, "lead"],
  );
});

test("nothing new is no frame; a cursor that moved or was hidden is one without lines", () => {
  const before = screen(["a", "b"]);
  assert.equal(screenFrame(agent, before, screen(["a", "b"])), undefined);
  for (const moved of [{ cursorColumn: 1 }, { cursorRow: 1 }, { isCursorVisible: false }]) {
    const frame = screenFrame(agent, before, screen(["a", "b"], moved))?.frame;
    assert.ok(frame?.case === "change" && frame.value.lines.length === 0);
    assert.equal(frame.value.cursor?.visible, moved.isCursorVisible ?? true);
  }
});

test("only lines that changed are sent", () => {
  const frame = screenFrame(agent, screen(["a", "b", "c"]), screen(["a", "B", "c"]))?.frame;
  assert.deepEqual(frame?.case === "change" && frame.value.lines.map(({ row, text }) => [row, text]), [[1, "B"]]);
});

test("a change of size or of screen is a whole screen again", () => {
  const before = screen(["a", "b"]);
  assert.equal(kind(screenFrame(agent, before, screen(["a", "b"], { columns: 81 }))), "screen");
  assert.equal(kind(screenFrame(agent, before, screen(["a", "b", "c"]))), "screen");
  assert.equal(kind(screenFrame(agent, before, screen(["a", "b"], { isAlternateScreen: true }))), "screen");
});

test("a viewer that applies every frame shows what the pane shows, whatever happens to it", () => {
  const random = seededRandom(3);
  let before: PaneCapture | undefined;
  let shown: string[] = [];
  for (let step = 0; step < 500; step += 1) {
    const rows = random() < 0.05 ? pick([2, 5, 9], random) : (before?.rows ?? 5);
    const lines = Array.from({ length: rows }, (_, row) =>
      random() < 0.3 ? pick(["", "x", "\u001b[31mred\u001b[0m"], random) : (before?.lines[row] ?? ""),
    );
    const after = screen(lines, { cursorRow: Math.floor(random() * rows) });
    const frame = screenFrame(agent, before, after)?.frame;
    if (frame?.case === "screen") shown = [...frame.value.lines];
    if (frame?.case === "change") for (const { row, text } of frame.value.lines) shown[row] = text;
    assert.deepEqual(shown, lines, `step ${step}`);
    before = after;
  }
});

test("the last frame says why", () => {
  const { frame } = terminalEnd("the session ended");
  assert.equal(frame.case === "end" && frame.value.reason, "the session ended");
});
