import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostStatusJson } from "@mosaic/wire";
import { agentJson, hostJson } from "../fleet/builders-for-tests.ts";
import { toPsAnswer } from "../fleet/ps-answer.ts";
import { freshReading } from "../fleet/ps-host.ts";
import { cellWidth } from "../output/cell-width.ts";
import { colourStyle, plainStyle } from "../output/style.ts";
import { agentKey, FIRST_STATE, type Mode } from "./dashboard-state.ts";
import { type DashboardPicture, dashboardLines } from "./draw-dashboard.ts";
import { drawLines, windowAround, wrapped } from "./draw-text.ts";

const LOST: Partial<HostStatusJson> = { state: "HOST_STATE_UNREACHABLE", detail: "connection refused", code: "UNAVAILABLE" };
const asks = { requestId: "r1", tool: "Bash", summary: "rm \x1b[2J -rf build", answerable: true };

function answerOf(count: number) {
  const hosts = [hostJson("alpha"), hostJson("beta"), hostJson("gamma", LOST)];
  const agents = Array.from({ length: count }, (_, index) =>
    agentJson(index % 2 ? "beta" : "alpha", `coder${index}`, index === 0 ? { approvals: [asks] } : {}),
  );
  return toPsAnswer({ tenants: [], hosts: [], maxAgeMs: undefined }, "aggregator", hosts.map(freshReading), agents, []);
}

function picture(more: Partial<DashboardPicture> & { mode?: Mode; filter?: string } = {}): DashboardPicture {
  const { mode = FIRST_STATE.mode, filter = "", ...rest } = more;
  const screen = { lines: ["$ npm test", "ok"], cursorRow: 1, problem: "" };
  return { state: { ...FIRST_STATE, mode, filter }, answer: answerOf(4), screen, notice: "", lost: "", firstLine: 0, ...rest };
}

const drawn = (of: DashboardPicture, columns = 80, rows = 24) =>
  dashboardLines(of, { columns, rows }, { columns, style: plainStyle }).lines;
const first = agentKey(answerOf(1).items[0] ?? assert.fail());
const MODES: readonly Mode[] = [
  { kind: "fleet" },
  { kind: "agent", agent: first },
  { kind: "agent", agent: "gone" },
  { kind: "help" },
  { kind: "filter" },
  { kind: "compose", from: "fleet", agent: first, text: `long ${"text ".repeat(80)}` },
  { kind: "compose", from: "agent", agent: "gone", text: "two\nlines" },
  { kind: "approve", from: "agent", agent: first, requestId: "r1" },
  { kind: "approve", from: "fleet", agent: first, requestId: "gone" },
];

for (const [columns, rows] of [
  [80, 24],
  [200, 60],
  [20, 5],
  [1, 1],
] as const) {
  test(`every view has exactly the lines of a terminal of ${columns}x${rows}, and none is wider`, () => {
    for (const mode of MODES) {
      const of = picture({ mode, filter: "coder", notice: "n".repeat(500), lost: "gone", answer: answerOf(100) });
      const frame = drawLines(drawn(of, columns, rows), { columns, rows })
        .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "")
        .split("\r\n");
      assert.equal(frame.length, rows, mode.kind);
      for (const line of frame) assert.ok(cellWidth(line) <= columns, `${mode.kind}: ${line}`);
    }
  });
}

test("the fleet shows every agent, every host that is missing, and how much of the fleet this is", () => {
  const lines = drawn(picture());
  assert.match(lines[0] ?? "", /^ {2}TENANT {2}HOST/);
  assert.match(lines[1] ?? "", /^\x1b\[7m› team-a {2}alpha {2}coder0/);
  assert.match(lines.join("\n"), /gamma .*UNREACHABLE .*connection re/);
  assert.match(lines.join("\n"), /4 agents on 2 of 3 hosts\. INCOMPLETE: 1 unreachable\./);
  assert.match(lines.at(-1) ?? "", /q quit/);
});

test("no filter hides a host that is missing", () => {
  const text = drawn(picture({ filter: "coder3" })).join("\n");
  assert.match(text, /coder3[\s\S]*gamma .*UNREACHABLE[\s\S]*1 of 4 agents, filter: coder3/);
  assert.doesNotMatch(text, /coder1/);
});

test("an agent is shown with what it asks and with its screen, and nothing of it can move the cursor", () => {
  const lines = drawn(picture({ mode: { kind: "agent", agent: first } }));
  assert.match(lines.join("\n"), /^team-a\/alpha\/coder0 {2}working\nclaude · core · heartbeat healthy by hook, 2s ago/);
  assert.match(lines.join("\n"), /asks: Bash: rm \\x1b\[2J -rf build \(a answers\)\n── its screen, live ─+\n\$ npm test\nok\n/);
});

test("a screen that is not live says so and why, and keeps what was seen", () => {
  const screen = { lines: ["last words"], cursorRow: 0, problem: "connection refused" };
  assert.match(
    drawn(picture({ mode: { kind: "agent", agent: first }, screen })).join("\n"),
    /its screen is not live: connection refused ─+\nlast words/,
  );
});

test("a request is shown in full words before it is answered", () => {
  const text = drawn(picture({ mode: { kind: "approve", from: "fleet", agent: first, requestId: "r1" } })).at(-2);
  assert.equal(text, "team-a/alpha/coder0 asks leave for Bash: rm \\x1b[2J -rf build. y allows, n denies");
});

test("colours change nothing but colours", () => {
  const size = { columns: 80, rows: 24 };
  const coloured = dashboardLines(picture(), size, { columns: 80, style: colourStyle }).lines;
  const bare = (lines: readonly string[]) => lines.map((line) => line.replace(/\x1b\[[0-9;]*m/g, "").trimEnd());
  assert.deepEqual(bare(coloured), bare(drawn(picture())));
});

test("the list moves no further than it must", () => {
  const next = (at: number, first: number) => windowAround(at, 100, 10, first);
  assert.deepEqual(
    [next(0, 0), next(9, 0), next(10, 0), next(11, 1), next(5, 2), next(99, 2), next(3, 90)],
    [0, 0, 1, 2, 2, 90, 3],
  );
  assert.deepEqual(wrapped("abcdef", 4, 3), ["abcd", "ef"]);
  assert.deepEqual(wrapped("abcdefghij", 4, 2), ["abcd", "efg…"]);
});
