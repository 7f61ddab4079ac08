/** The hosts of `deploy/`, as containers on a real Docker engine. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { GenericContainer, getContainerRuntimeClient } from "testcontainers";
import { packRelease } from "../../packages/cli/tools/pack-release.ts";
import type { PsAnswer } from "../mesh/ps-answer.ts";
import { temporaryFolder } from "../tools/temporary-folder.ts";
import { containerBase } from "./container-base.ts";
import { type ComposedFleet, startComposedFleet } from "./container-compose.ts";
import { containerEngine } from "./container-engine.ts";

const root = join(import.meta.dirname, "../..");
const IMAGE = "mosaic-test:local";

const stack = new AsyncDisposableStack();
const engine = await containerEngine();
if (engine !== undefined) stack.use(engine);
const base = engine === undefined ? undefined : await containerBase();
const skip = engine === undefined ? "no Docker engine answers" : base === undefined && "debootstrap is not installed";

describe("two hosts and an aggregator as containers", { skip }, () => {
  let fleet: ComposedFleet;

  before(async () => {
    await buildImage(base ?? "");
    fleet = stack.use(await startComposedFleet(IMAGE));
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
    for (const name of ["alpha", "beta", "aggregator"]) {
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

  test("a host whose container is killed is named, and is back with its agents when it starts again", async () => {
    const before = await untilWhole();
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const beta = dockerode.getContainer(fleet.service("beta").getId());
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

  async function run(service: string, ...command: string[]) {
    return fleet.service(service).exec(command, { user: "mosaic" });
  }

  async function ps(): Promise<PsAnswer> {
    const { stdout } = await run("aggregator", "mosaic", "fleet", "ps", "--all-hosts", "--json");
    return JSON.parse(stdout) as PsAnswer;
  }

  /** Waits until every host answers with an agent that lives. */
  function untilWhole(isWanted: (answer: PsAnswer) => boolean = () => true): Promise<PsAnswer> {
    return eventually(
      "the fleet is whole",
      async () => {
        const answer = await ps();
        const isAlive =
          answer.items.length > 0 && answer.items.every(({ pane, heartbeat }) => pane?.alive && heartbeat?.health === "healthy");
        return answer.complete && isAlive && isWanted(answer) ? answer : undefined;
      },
      60_000,
    );
  }
});

after(() => stack.disposeAsync());

async function buildImage(baseImage: string): Promise<void> {
  using context = temporaryFolder();
  cpSync(join(root, "deploy/container"), context.path, { recursive: true, filter: (path) => !path.endsWith(".tgz") });
  await packRelease({ root, outputDir: context.path });
  const built = GenericContainer.fromDockerfile(context.path).withBuildArgs({ BASE_IMAGE: baseImage });
  await built.build(IMAGE, { deleteOnExit: false });
}

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
