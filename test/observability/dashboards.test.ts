/** Holds dashboards and alerts to the metrics that daemons have, and alerts to the runbook. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { METRICS, PROCESS_METRICS } from "../../packages/rpc/src/metrics/metric-catalogue.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const dashboard = JSON.parse(read("deploy/dashboards/mosaic-dashboard.json")) as { readonly panels: readonly Panel[] };
const alertFile = parse(read("deploy/dashboards/mosaic-alerts.yaml")) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = alertFile.groups.flatMap((group) => group.rules);

/** Every name under which a metric is stored: a histogram has three. */
const known = new Map<string, readonly string[]>([
  ...PROCESS_METRICS.map((name): [string, string[]] => [name, ["job", "instance"]]),
  ...Object.entries(METRICS).flatMap(([name, { kind, labels }]): [string, readonly string[]][] => {
    const names = kind === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    return names.map((each) => [each, [...labels, "job", "instance", ...(kind === "histogram" ? ["le"] : [])]]);
  }),
  ["up", ["job", "instance"]],
]);

describe("the dashboard", () => {
  const graphs = dashboard.panels.filter(({ type }) => type !== "row");

  test("has panels, each with a name and an id of its own, and something to show", () => {
    assert.ok(graphs.length > 12, `only ${graphs.length}`);
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
    for (const { title, targets = [] } of graphs) assert.ok(title !== "" && targets.length > 0, title);
  });

  for (const { title, targets = [] } of graphs) {
    test(`"${title}" names only metrics and labels that there are`, () => {
      assert.deepEqual(
        targets.flatMap(({ expr }) => problemsOf(expr)),
        [],
      );
    });
  }
});

describe("the alerts", () => {
  test("are there, each once", () => {
    assert.ok(rules.length > 10, `only ${rules.length}`);
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  });

  for (const { alert, expr, labels, annotations } of rules) {
    test(`${alert} names only metrics and labels that there are, and its heading in the runbook`, () => {
      assert.deepEqual(problemsOf(expr), []);
      assert.match(labels.severity, /^(critical|warning)$/);
      assert.equal(annotations.runbook, `docs/runbook.md#${alert.toLowerCase()}`);
      assert.ok(annotations.summary.length > 10);
    });
  }

  test("are the headings of the runbook's part on them, and no other", () => {
    const part = /^# Alerts\n(.*?)(?=^# |(?![\s\S]))/ms.exec(read("docs/runbook.md"))?.[1] ?? "";
    const headings = [...part.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    assert.deepEqual(headings.toSorted(), rules.map(({ alert }) => alert).toSorted());
  });
});

test("every metric is explained in the document, and the document names no other", () => {
  const named = [...read("docs/observability.md").matchAll(/`(mosaic_[a-z_]+)/g)].map((match) => match[1] ?? "");
  assert.deepEqual([...new Set(named)].sort(), Object.keys(METRICS).sort());
});

test("these checks see a metric and a label that are not there", () => {
  assert.deepEqual(problemsOf('sum by (method) (rate(mosaic_rpc_handled_total{code="OK"}[5m]))'), []);
  assert.deepEqual(problemsOf("mosaic_rpc_duration_seconds"), ["no metric mosaic_rpc_duration_seconds"]);
  assert.deepEqual(problemsOf('mosaic_hosts{hots="a"}'), ["no label hots"]);
  assert.deepEqual(problemsOf("sum by (agent) (mosaic_agents)"), ["no label agent"]);
});

/** What an expression names that is not there. Whether it is well formed is for promtool to say. */
function problemsOf(expr: string): string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, '""');
  const metrics = [...bare.matchAll(/\b(?:mosaic|process|nodejs)_[a-z0-9_]+|\bup\b/g)].map(([name]) => name);
  const labels = new Set(metrics.flatMap((name) => known.get(name) ?? []));
  const asked = [...bare.matchAll(/\{([^}]*)\}|by \(([^)]*)\)/g)].flatMap(([, inBraces, inBy]) =>
    (inBraces ?? inBy ?? "").split(",").map((each) => each.replace(/[=!~].*/s, "").trim()),
  );
  if (metrics.length === 0) return [`no metric in ${expr}`];
  return [
    ...metrics.filter((name) => !known.has(name)).map((name) => `no metric ${name}`),
    ...(metrics.every((name) => known.has(name))
      ? asked.filter((label) => !labels.has(label)).map((label) => `no label ${label}`)
      : []),
  ];
}
