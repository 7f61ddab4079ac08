/** The hosts of `deploy/`, as containers on a real Docker engine. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { getContainerRuntimeClient } from "testcontainers";
import type { PsAnswer } from "../mesh/ps-answer.ts";
import { findJaeger } from "../observability/find-jaeger.ts";
import { findPrometheus } from "../observability/find-prometheus.ts";
import type { ComposedFleet } from "./container-compose.ts";
import { buildJaegerImage, buildPrometheusImage } from "./container-images.ts";
import { openContainerLab } from "./container-lab.ts";
import { CONNECT, readPrometheus, readTraces } from "./container-observability.ts";

const FILES = ["compose.yaml", "observability.yaml"];
const HOSTS = ["alpha", "beta", "aggregator"];
const stack = new AsyncDisposableStack();
const found = await openContainerLab();
const skip = "missing" in found ? found.missing : false;
const prometheus = await findPrometheus();
const jaeger = await findJaeger();
const noPrometheus = "missing" in prometheus && prometheus.missing;
const noJaeger = "missing" in jaeger && jaeger.missing;

describe("two hosts and an aggregator as containers", { skip }, () => {
  assert.ok(!("missing" in found));
  const lab = stack.use(found);
  let deploy: string;
  let fleet: ComposedFleet;

  // What is to be seen beside the fleet comes up with it: Prometheus has read it by the time it is asked.
  before(async () => {
    deploy = await lab.deploy();
    // A name that nobody has is looked for outside, for 10 s at the end of each command; a port that is closed says so at once.
    fleet = lab.project(join(deploy, "compose"), "missing" in jaeger ? { OTLP_ENDPOINT: "http://127.0.0.1:4318" } : {});
    await Promise.all([
      fleet.build(FILES, "alpha"),
      "bin" in prometheus && buildPrometheusImage(lab.baseImage, prometheus.bin),
      "binary" in jaeger && buildJaegerImage(jaeger.binary),
    ]);
    const beside = [...("bin" in prometheus ? ["metrics", "prometheus"] : []), ...("binary" in jaeger ? ["jaeger"] : [])];
    await fleet.up(FILES, [...HOSTS, ...beside]);
    for (const name of HOSTS) {
      // As the engine's health checks ask.
      await eventually(`${name} serves`, async () => (await run(name, "mosaic-alive")).exitCode === 0, 60_000);
    }
  });

  test("one command shows both hosts with living agents", async () => {
    const answer = await untilWhole();
    assert.deepEqual(statesOf(answer), ["alpha LIVE", "beta LIVE"]);
    const agents = answer.items.map(({ tenant_id, host, name }) => `${tenant_id}/${host}/${name}`);
    assert.deepEqual(agents.toSorted(), ["team-a/alpha/canary0", "team-a/beta/canary0"]);
  });

  test("a message reaches an agent in another container, and is proved to", async () => {
    const { exitCode, output } = await run("aggregator", "mosaic", "agent", "send", "alpha/canary0", "-m", "hello", "--verify");
    assert.equal(exitCode, 0, output);
    assert.match(output, /ACCEPTED/);
  });

  test("nothing listens on the network, and nothing can be made to", async () => {
    for (const name of HOSTS) {
      const { output } = await run(name, "cat", "/proc/net/tcp", "/proc/net/tcp6");
      assert.deepEqual(listenersOffLoopback(output), [], name);
    }
    const refused = await run("alpha", "mosaic-node", "--listen", "0.0.0.0:8787");
    assert.equal(refused.exitCode, 5, refused.output);
    assert.match(refused.output, /not a loopback address/);
  });

  test("nobody in a container is root, and its first process reaps", async () => {
    const { output } = await run(
      "alpha",
      "sh",
      "-c",
      "cat /proc/1/comm; cat /proc/[0-9]*/status 2>/dev/null | grep -E '^(State|Uid):'",
    );
    assert.match(output, /^tini\n/);
    assert.doesNotMatch(output, /^State:\s+Z/m);
    assert.deepEqual([...new Set([...output.matchAll(/^Uid:\s+(\d+)/gm)].map((match) => match[1]))], ["2000"]);
  });

  test("nothing in a container can be written but its home and /tmp, and no capability is left", async () => {
    for (const name of HOSTS) {
      const { output } = await run(
        name,
        "sh",
        "-c",
        "cd /tmp && touch ~/x /tmp/x /x /opt/mosaic/x; grep -E '^(Cap|NoNew)' /proc/1/status",
      );
      assert.deepEqual(output.match(/'.*': Read-only/g), ["'/x': Read-only", "'/opt/mosaic/x': Read-only"], output);
      assert.deepEqual([...new Set(output.match(/^Cap.*/gm)?.map((line) => line.split(/\s+/)[1]))], ["0000000000000000"], output);
      assert.match(output, /^NoNewPrivs:\s+1$/m);
    }
  });

  test("a host whose container is killed is named, and is back with its agents when it starts again", async () => {
    const before = await untilWhole();
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const beta = dockerode.getContainer(await fleet.idOf("beta"));
    await beta.kill();
    const missed = await eventually("beta is missed", async () => {
      const answer = await ps();
      return answer.complete ? undefined : answer;
    });
    assert.deepEqual(statesOf(missed), ["alpha LIVE", "beta UNREACHABLE"]);
    await beta.start();
    const after = await untilWhole();
    assert.deepEqual(statesOf(after), ["alpha LIVE", "beta LIVE"]);
    assert.equal(idOf(after, "beta"), idOf(before, "beta"), "it is the same host, as its home was kept");
  });

  test("Prometheus reads every daemon, and has the series of both hosts", { skip: noPrometheus }, async () => {
    const { targets, query } = readPrometheus(lab);
    const all = ["mosaic-aggregator aggregator up", "mosaic-node alpha up", "mosaic-node beta up"];
    await eventually("every target is up", async () => (await targets()).join() === all.join(), 30_000);
    const live = 'mosaic_host_state{state="LIVE",job="mosaic-aggregator"} == 1';
    const hosts = await eventually(
      "both hosts are live in Prometheus",
      async () => {
        const found = await query(live);
        return found.length === 2 && found.map(({ tenant, host }) => `${tenant}/${host}`).toSorted();
      },
      30_000,
    );
    assert.deepEqual(hosts, ["team-a/alpha", "team-a/beta"]);
    const own = await query("mosaic_build_info");
    const daemons = own.map(({ role, instance }) => `${role} ${instance}`).toSorted();
    assert.deepEqual(daemons, ["aggregator aggregator", "node alpha", "node beta"]);
  });

  test("Prometheus has the alerts, and can evaluate each", { skip: noPrometheus }, async () => {
    const rules = await eventually(
      "every rule was evaluated",
      async () => {
        const all = await readPrometheus(lab).rules();
        return all.every(({ health }) => health !== "unknown") && all;
      },
      30_000,
    );
    assert.ok(rules.length > 10, `only ${rules.length} rules`);
    assert.deepEqual(
      rules.filter(({ health }) => health !== "ok"),
      [],
    );
  });

  test("no agent can reach Prometheus, or what shows it the metrics", { skip: noPrometheus }, async () => {
    const doors = [
      ["metrics", "9464"],
      ["prometheus", "9090"],
    ] as const;
    await Promise.all(
      doors.map(async ([name, port]) => {
        const address = (await run(name, "hostname", "-i")).stdout.trim().split(" ")[0] ?? "";
        const [beside, alpha] = await Promise.all(
          ["prometheus", "alpha"].map((from) => run(from, "node", "-e", CONNECT, address, port)),
        );
        assert.equal(beside?.stdout, "connected", `${name} at ${address}: ${beside?.output}`);
        assert.notEqual(alpha?.stdout, "connected", `${name} at ${address} from alpha`);
      }),
    );
  });

  test("one send is one trace in the Jaeger beside", { skip: noJaeger }, async () => {
    const all = ["mosaic", "mosaic-aggregator", "mosaic-node"];
    const traces = await eventually("the trace is there", async () => {
      const found = await readTraces(lab, "mosaic", "mosaic agent send");
      return found.some(({ services }) => services.join() === all.join()) && found;
    });
    assert.equal(traces.length, 1);
    assert.ok(traces[0]?.names.includes("agent.inject"), traces[0]?.names.join(", "));
  });

  test("the engine finds everything healthy that says how it is", { timeout: 90_000 }, async () => {
    const health = await eventually(
      "every health check has passed",
      async () => {
        const health = await fleet.health();
        return [...health.values()].every((each) => each === "healthy") && health;
      },
      60_000,
    );
    const expected = [...HOSTS, ...("bin" in prometheus ? ["metrics", "prometheus"] : [])];
    assert.deepEqual([...health.keys()].toSorted(), expected.toSorted());
  });

  function run(service: string, ...command: string[]) {
    return fleet.exec(service, ...command);
  }

  async function ps(): Promise<PsAnswer> {
    const { stdout } = await run("aggregator", "mosaic", "fleet", "ps", "--all-hosts", "--json");
    return JSON.parse(stdout) as PsAnswer;
  }

  /** Waits until every host answers with an agent that lives. */
  function untilWhole(): Promise<PsAnswer> {
    return eventually(
      "the fleet is whole",
      async () => {
        const answer = await ps();
        const isAlive =
          answer.items.length > 0 && answer.items.every(({ pane, heartbeat }) => pane?.alive && heartbeat?.health === "healthy");
        return answer.complete && isAlive ? answer : undefined;
      },
      60_000,
    );
  }

  describe("over the network, with identities", () => {
    let secured: ComposedFleet;
    before(() => {
      secured = lab.project(join(deploy, "compose/identity"));
    });

    test("a host joins with the line that the aggregator printed, and an agent on it is sent to", async () => {
      const files = ["compose.yaml"];
      await secured.run(files, "aggregator", "mosaic", "fleet", "ca", "init", "--fleet", "acme", "--tenant", "team-a");
      await secured.up(files, ["aggregator"]);
      const line = await eventually(
        "the aggregator invites",
        async () => {
          const { exitCode, stdout } = await secured.exec("aggregator", "mosaic", "host", "invite", "--tenant", "team-a");
          return exitCode === 0 && stdout.trim();
        },
        60_000,
      );
      await secured.run(files, "alpha", "mosaic", "host", "join", line, "--no-start");
      await secured.up(files, ["alpha"]);
      const sent = await eventually(
        "the host is reached",
        async () => {
          const args = ["agent", "send", "alpha/canary0", "-m", "hello", "--verify"];
          const { exitCode, output } = await secured.exec("aggregator", "mosaic", ...args);
          return exitCode === 0 && output;
        },
        60_000,
      );
      assert.match(sent, /ACCEPTED/);
    });
  });
});

after(() => stack.disposeAsync());

function statesOf({ hosts }: PsAnswer): string[] {
  return hosts.map(({ host, state }) => `${host} ${state}`).toSorted();
}

function idOf(answer: PsAnswer, host: string): string | undefined {
  return answer.hosts.find((each) => each.host === host)?.host_id;
}

/** Local addresses on which somebody listens, of /proc/net/tcp. Docker's own name server is on 127.0.0.11. */
function listenersOffLoopback(table: string): string[] {
  const listening = [...table.matchAll(/^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ 0A /gm)];
  const isLoopback = (address: string) => address.endsWith("7F") || address === "00000000000000000000000001000000";
  return listening.flatMap(([, address = "", port]) => (isLoopback(address) ? [] : [`${address}:${port}`]));
}
