import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { startProgram } from "../mesh/run-program.ts";
import { freePort } from "./free-port.ts";
import { quietEnvironment } from "./quiet-environment.ts";

export interface ScrapeJob {
  readonly job: string;
  /** `host:port` */
  readonly target: string;
  /** More of the job, as Prometheus' configuration has it. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** How a target fared when it was last asked. */
export interface ScrapedTarget {
  readonly scrapePool: string;
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
}

/** One value that a query finds. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface AlertRule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
  readonly state: "inactive" | "pending" | "firing";
}

/** A Prometheus that knows the alerts and asks every second. Disposing ends it and removes what it stored. */
export interface TestPrometheus extends AsyncDisposable {
  query(expression: string): Promise<readonly QueryResult[]>;
  /** Names of all metrics that it has. */
  names(): Promise<readonly string[]>;
  rules(): Promise<readonly AlertRule[]>;
  targets(): Promise<readonly ScrapedTarget[]>;
}

export async function startPrometheus(bin: string, alerts: string, jobs: readonly ScrapeJob[]): Promise<TestPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-prometheus-"));
  await cp(alerts, join(folder, "alerts.yaml"));
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: ["alerts.yaml"],
    scrape_configs: jobs.map(({ job, target, config = {} }) => ({
      job_name: job,
      static_configs: [{ targets: [target] }],
      ...config,
    })),
  };
  await writeFile(join(folder, "prometheus.json"), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const flags = [`--config.file=${join(folder, "prometheus.json")}`, `--storage.tsdb.path=${join(folder, "data")}`];
  const argv = [join(bin, "prometheus"), ...flags, `--web.listen-address=${address}`, "--log.level=warn"] as const;
  const program = startProgram([...argv], { env: quietEnvironment(), cwd: folder });
  let isGone = false;
  void program.ended.then(() => {
    isGone = true;
  });
  const api = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (!response.ok) throw new Error(`Prometheus says ${response.status}: ${error}`);
    return data;
  };
  const prometheus: TestPrometheus = {
    query: async (expression) =>
      (await api<{ result: readonly QueryResult[] }>(`query?${new URLSearchParams({ query: expression })}`)).result,
    names: () => api("label/__name__/values"),
    rules: async () =>
      (await api<{ groups: readonly { rules: readonly AlertRule[] }[] }>("rules")).groups.flatMap(({ rules }) => rules),
    targets: async () => (await api<{ activeTargets: readonly ScrapedTarget[] }>("targets")).activeTargets,
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await eventually("Prometheus is ready", async () => {
      if (isGone) throw new Error(`Prometheus ended: ${program.stderr()}`);
      // Until it listens the connection is refused.
      return await fetch(`http://${address}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  } catch (thrown) {
    await prometheus[Symbol.asyncDispose]();
    throw thrown;
  }
  return prometheus;
}
