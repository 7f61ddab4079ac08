/** Where Claude Code keeps traces of its own: each turn names the span that it is there, and the prompt's id is the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { startOtlpCollector } from "../mesh/otlp-collector.ts";
import { needsClaude, startedClaude } from "./claude-agent.ts";
import { claudeHome } from "./claude-home.ts";
import { accepts, answers } from "./real-agent-cases.ts";

test("claude: with its own tracing on, a prompt is told with the span of its turn", needsClaude, async (context) => {
  await using collector = await startOtlpCollector();
  const home: typeof claudeHome = {
    async prepare(...args) {
      const { DISABLE_TELEMETRY: _, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: __, ...env } = await claudeHome.prepare(...args);
      return {
        ...{ ...env, ...collector.env, CLAUDE_CODE_ENABLE_TELEMETRY: "1", CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: "1" },
        ...{ OTEL_TRACES_EXPORTER: "otlp", OTEL_LOGS_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none" },
        ...{ OTEL_TRACES_EXPORT_INTERVAL: "100", CLAUDE_CODE_PROPAGATE_TRACEPARENT: "1" },
      };
    },
  };
  const { agent } = await startedClaude(context, home);
  const told: (string | undefined)[] = [];
  for (const text of ["trace this", "and this"]) {
    const since = agent.heard.length;
    await agent.type(text);
    await answers(agent, await accepts(agent, text, since));
    const { report } = agent.heard.slice(since).find((one) => one.report?.accepted?.length) ?? {};
    told.push(report?.traceparent);
  }
  const spans = await eventually("its own spans of both turns", () => {
    const found = collector.spans.filter(({ name }) => name === "claude_code.interaction");
    return found.length === 2 && found;
  });
  assert.deepEqual(
    told,
    spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
  );
});
