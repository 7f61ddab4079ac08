/** A real Prometheus: it takes the alerts, and reads a real node and a real aggregator. */
import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { METRICS } from "../../packages/rpc/src/metrics/metric-catalogue.ts";
import { daemonHome, quietRoster } from "../mesh/daemon-home.ts";
import { type ProgramEnd, runToEnd } from "../mesh/run-program.ts";
import { tellAll } from "../mesh/tell-all.ts";
import { findPrometheus } from "./find-prometheus.ts";
import { freePort } from "./free-port.ts";
import { quietEnvironment } from "./quiet-environment.ts";
import { startPrometheus } from "./start-prometheus.ts";

const dashboards = join(import.meta.dirname, "../../deploy/dashboards");
const found = await findPrometheus();
const skip = "missing" in found ? found.missing : false;
const bin = "bin" in found ? found.bin : "";
const CANARY = "cAnArY-of-a-measured-prompt";

/** Runs promtool in the folder of the alerts. */
async function promtool(args: readonly string[], stdin?: string) {
  const options = { env: quietEnvironment(), cwd: dashboards, ...(stdin === undefined ? {} : { stdin }) };
  return await runToEnd([join(bin, "promtool"), ...args], options);
}

test("promtool finds the alerts well formed, and that they fire when they should", { skip, timeout: 60_000 }, async () => {
  for (const args of [
    ["check", "rules", "mosaic-alerts.yaml"],
    ["test", "rules", "mosaic-alerts.test.yaml"],
    ["check", "config", "prometheus.yaml"],
  ]) {
    const end = await promtool(args);
    assert.equal(end.exitCode, 0, `${args.join(" ")}: ${end.stdout}${end.stderr}`);
  }
});

test(
  "Prometheus reads a node and an aggregator: every metric there is, and an alert for a host that is lost",
  { skip, timeout: 120_000 },
  tellAll(async () => {
    await using stack = new AsyncDisposableStack();
    const home = stack.use(await daemonHome());
    const targets = { node: `127.0.0.1:${await freePort()}`, aggregator: `127.0.0.1:${await freePort()}` };
    await home.write("fleet/roster.yaml", quietRoster("alpha", ["canary-agent"]));
    const node = await home.serves("node", "--listen", "127.0.0.1:0", "--metrics", targets.node);
    const address = node.record.endpoints.find((endpoint) => endpoint.startsWith("http"));
    await home.write("fleet/hosts.yaml", JSON.stringify([{ targets: [address], labels: { host: "alpha", tenant: "team-a" } }]));
    await home.serves("aggregator", "--metrics", targets.aggregator);
    const jobs = Object.entries(targets).map(([role, target]) => ({ job: `mosaic-${role}`, target }));
    const prometheus = stack.use(await startPrometheus(bin, join(dashboards, "mosaic-alerts.yaml"), jobs));
    const sent = await home.mosaic("agent", "send", "team-a/alpha/canary-agent", "-m", CANARY, "--id", "canary-message");
    assert.ok(sent.exitCode !== undefined, sent.stderr);

    const names = await eventually("every metric was read", async () => {
      const seen = new Set((await prometheus.names()).map((name) => name.replace(/_(bucket|sum|count)$/, "")));
      return Object.keys(METRICS).every((name) => seen.has(name)) && seen;
    }).catch(async (thrown: unknown) => {
      throw new Error(`only ${(await prometheus.names()).filter((name) => name.startsWith("mosaic")).join(" ")}`, {
        cause: thrown,
      });
    });
    assert.deepEqual(
      [...names].filter((name) => name.startsWith("mosaic_") && !(name in METRICS)),
      [],
      "and no other of ours",
    );
    const live = 'mosaic_host_state{state="LIVE",job="mosaic-aggregator"}';
    const [host] = await eventually("the aggregator tells that its host is live", async () => {
      const hosts = await prometheus.query(live);
      return hosts.length > 0 && hosts;
    });
    assert.deepEqual([host?.metric["tenant"], host?.metric["host"], host?.value[1]], ["team-a", "alpha", "1"]);
    const rules = await prometheus.rules();
    assert.ok(rules.length > 10, `only ${rules.length} rules`);
    for (const { name, health, lastError } of rules) assert.ok(health !== "err", `${name}: ${lastError}`);

    for (const target of Object.values(targets)) await assertWellFormed(target);

    node.kill("SIGKILL");
    await eventually("the alerts see that the host is lost", async () => {
      const states = new Map((await prometheus.rules()).map(({ name, state }) => [name, state]));
      return ["MosaicHostLost", "MosaicDaemonDown"].every((name) => states.get(name) !== "inactive");
    });
  }),
);

test(
  "Prometheus reads both over TLS with what mosaic login gave it, and is refused without a certificate or a grant",
  { skip, timeout: 120_000 },
  tellAll(async () => {
    await using stack = new AsyncDisposableStack();
    const ok = async (end: Promise<ProgramEnd>) => {
      const { exitCode, stdout, stderr } = await end;
      assert.equal(exitCode, 0, stdout + stderr);
      return stdout.trim();
    };
    const at = { node: `127.0.0.1:${await freePort()}`, aggregator: `127.0.0.1:${await freePort()}` };
    const top = stack.use(await daemonHome({ name: "top" }));
    await top.write("fleet/hosts.yaml", "[]\n");
    await chmod(join(top.mosaicHome, "fleet"), 0o700);
    await ok(top.mosaic("fleet", "ca", "init", "--fleet", "acme", "--tenant", "team-a"));
    await top.serves("aggregator", "--enrol", "127.0.0.1:0", "--metrics", `https://${at.aggregator}`);
    const host = stack.use(await daemonHome({ name: "alpha" }));
    await host.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
    const line = await ok(top.mosaic("host", "invite", "--tenant", "team-a"));
    await ok(host.mosaic("host", "join", line, "--listen", `127.0.0.1:${await freePort()}`, "--no-start"));
    await host.serves("node", "--no-systemd", "--metrics", `https://${at.node}`);
    const reader = stack.use(await daemonHome({ name: "prometheus" }));
    await ok(reader.mosaic("login", "--agent", await ok(top.mosaic("user", "add", "prometheus", "--agent", "--tenant", "ops"))));

    const folder = join(reader.mosaicHome, "fleet/identity/user");
    const own = { cert_file: join(folder, "credentials.pem"), key_file: join(folder, "credentials.pem") };
    const config = { scheme: "https", tls_config: { ...own, insecure_skip_verify: true } };
    const bare = { scheme: "https", tls_config: { insecure_skip_verify: true } };
    const jobs = Object.entries(at).flatMap(([role, target]) => [
      { job: `mosaic-${role}`, target, config },
      { job: `bare-${role}`, target, config: bare },
    ]);
    const prometheus = stack.use(await startPrometheus(bin, join(dashboards, "mosaic-alerts.yaml"), jobs));
    const fares = async (what: string, expected: Record<string, string>) =>
      await eventually(what, async () => {
        const told = (await prometheus.targets()).map(({ scrapePool, health, lastError }) => [
          scrapePool,
          health === "up" ? health : (/HTTP status (\d+)/.exec(lastError)?.[1] ?? lastError),
        ]);
        return JSON.stringify(Object.fromEntries(told.toSorted())) === JSON.stringify(expected);
      }).catch(async (thrown: unknown) => {
        throw new Error(JSON.stringify(await prometheus.targets()), { cause: thrown });
      });
    const bares = { "bare-aggregator": "401", "bare-node": "401" };
    await fares("nobody may read before a policy says so", { ...bares, "mosaic-aggregator": "403", "mosaic-node": "403" });
    for (const home of [top, host])
      await home.write("fleet/policy.yaml", "grants:\n  - { role: fleet-observer, who: tenant/ops/agent/prometheus }\n");
    await fares("who has the grant reads both", { ...bares, "mosaic-aggregator": "up", "mosaic-node": "up" });
    const [info] = await prometheus.query('mosaic_build_info{job="mosaic-node"}');
    assert.equal(info?.metric["role"], "node");
  }),
);

/** What a daemon shows is named as Prometheus' own tool asks, and has no agent, message or text in it. */
async function assertWellFormed(target: string): Promise<void> {
  const text = await (await fetch(`http://${target}/metrics`)).text();
  assert.doesNotMatch(text, /canary/i, "an agent, a message or a text");
  const ours = text.split("\n").filter((line) => /^(# (HELP|TYPE) )?mosaic_/.test(line));
  const end = await promtool(["check", "metrics"], `${ours.join("\n")}\n`);
  assert.equal(end.exitCode, 0, end.stdout + end.stderr);
}
