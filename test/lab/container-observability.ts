import type { ContainerLab } from "./container-lab.ts";

/** Says `connected` or nothing, for `node -e` with an address and a port: what a network keeps apart is not even refused. */
export const CONNECT = `require("node:net").connect(+process.argv[2], process.argv[1]).setTimeout(1000)
  .on("connect", () => { process.stdout.write("connected"); process.exit(); })
  .on("timeout", () => process.exit(1)).on("error", () => process.exit(1))`;

type Labels = Readonly<Record<string, string>>;

/** Asks the API of the Prometheus of `observability.yaml`, at the port that it publishes. */
export function readPrometheus(lab: ContainerLab) {
  const api = async <T>(path: string) => (await lab.published<{ data: T }>(`http://127.0.0.1:9090/api/v1/${path}`)).data;
  return {
    /** `job instance health` of each, sorted. */
    async targets(): Promise<string[]> {
      const { activeTargets } = await api<{ activeTargets: { labels: Labels; health: string }[] }>("targets?state=active");
      return activeTargets.map(({ labels, health }) => `${labels["job"]} ${labels["instance"]} ${health}`).toSorted();
    },
    /** The labels of each series that a query finds. */
    async query(expression: string): Promise<Labels[]> {
      const { result } = await api<{ result: { metric: Labels }[] }>(`query?${new URLSearchParams({ query: expression })}`);
      return result.map(({ metric }) => metric);
    },
    async rules(): Promise<{ readonly name: string; readonly health: string; readonly lastError?: string }[]> {
      const { groups } = await api<{ groups: { rules: { name: string; health: string; lastError?: string }[] }[] }>("rules");
      return groups.flatMap(({ rules }) => rules);
    },
  };
}

/** A trace: who took part in it, and what its spans are called. */
export interface TraceSummary {
  /** Sorted. */
  readonly services: readonly string[];
  readonly names: readonly string[];
}

/** Asks the Jaeger of `observability.yaml` for the traces in which a service has a span of that name. */
export async function readTraces(lab: ContainerLab, service: string, operation: string): Promise<TraceSummary[]> {
  const query = new URLSearchParams({ service, operation, limit: "20", lookback: "1h" });
  const { data } = await lab.published<{ data: JaegerTrace[] }>(`http://127.0.0.1:16686/api/traces?${query}`);
  return data.map(({ spans, processes }) => ({
    services: [...new Set(spans.map(({ processID }) => processes[processID]?.serviceName ?? ""))].toSorted(),
    names: spans.map(({ operationName }) => operationName),
  }));
}

interface JaegerTrace {
  readonly spans: readonly { readonly operationName: string; readonly processID: string }[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}
