import assert from "node:assert/strict";
import { test } from "node:test";
import { plainStyle } from "../output/style.ts";
import { eventText } from "./event-text.ts";
import { listedEvent } from "./listed-event.ts";

const APPEARED = listedEvent(
  {
    ...{ id: "1", atUnixMs: 1_763_719_200_500, kind: "condition.appeared", tenantId: "demo", host: "alpha", agent: "" },
    ...{ from: "", to: "NO_SYSTEMD", reason: "nothing starts agents again", count: 1, traceparent: "" },
  },
  "node",
);

test("an event breaks at words on a narrow terminal, and is one line into a pipe", () => {
  const draw = (columns: number | undefined) => eventText(APPEARED, { columns, style: plainStyle });
  const whole = "2025-11-21T10:00:00.500Z  condition.appeared  demo/alpha  NO_SYSTEMD  nothing starts agents again\n";
  assert.equal(draw(undefined), whole);
  assert.equal(draw(75), whole.replace("  nothing starts", "\n  nothing starts"));
});
