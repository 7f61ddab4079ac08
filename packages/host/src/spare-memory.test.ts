import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mock, test } from "node:test";
import { giveSpareMemoryBack } from "./spare-memory.ts";

const MIB = 1024 * 1024;
const EVERY_MS = 10_000;

test("memory is given back when the process is calm, and again when as much has come on top", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  let bytes = 130 * MIB;
  let share = 0;
  const collect = mock.fn(() => {
    bytes = 80 * MIB;
  });
  using _back = giveSpareMemoryBack({ everyMs: EVERY_MS, collect, heapBytes: () => bytes, workingShare: () => share });
  const look = (working: number) => {
    share = working;
    context.mock.timers.tick(EVERY_MS);
    return collect.mock.callCount();
  };
  assert.equal(look(0.6), 0, "it works");
  assert.equal(look(0.1), 1, "it is calm");
  bytes = 160 * MIB;
  for (let count = 0; count < 5; count += 1) assert.equal(look(0.1), 1, "not so soon again");
  bytes = 143 * MIB;
  assert.equal(look(0.1), 1, "that little is not worth a pause");
  bytes = 144 * MIB;
  assert.equal(look(0.1), 2);
  bytes = 600 * MIB;
  for (let count = 0; count < 5; count += 1) look(0.1);
  assert.equal(look(0.1), 2, "so large a heap is left alone");
});

test("what a burst has left in the heap of a real process is given back", { timeout: 60_000 }, () => {
  const program = `
    import { giveSpareMemoryBack } from ${JSON.stringify(new URL("./spare-memory.ts", import.meta.url).href)};
    let kept = Array.from({ length: 200_000 }, (_, count) => ({ count, text: [count] }));
    const before = process.memoryUsage().heapTotal;
    kept = undefined;
    giveSpareMemoryBack({ everyMs: 50, workingShare: () => 0 });
    const deadline = Date.now() + 30_000;
    while (process.memoryUsage().heapTotal > before / 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    process.stdout.write(process.memoryUsage().heapTotal > before / 2 ? "kept" : "given back");`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  assert.equal(stdout, "given back", stderr);
});
