/** P14: nodes one version behind and one ahead, beside one of today and one that must not be understood. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { connectFleet } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { BENCH_TENANT } from "../bench/simulated-host.ts";
import { daemonHome } from "../mesh/daemon-home.ts";
import { hostIn, itemIn, type PsAnswer } from "../mesh/ps-answer.ts";
import { tellAll } from "../mesh/tell-all.ts";
import { ChildProgram } from "./child-program.ts";
import { assertClean, newFindings, publish } from "./experiment.ts";
import { FaultLedger } from "./fault-ledger.ts";
import { ListProbe } from "./list-probe.ts";
import { WatchProbe } from "./watch-probe.ts";

const VERSIONS = ["today", "behind", "ahead", "incompatible"];

test(
  "P14: a node one version behind and one ahead are read like any other, and one that speaks another contract is told by name",
  { timeout: 120_000 },
  tellAll(async (context) => {
    await using home = await daemonHome();
    await using _hosts = await ChildProgram.start("skewed-hosts-program.ts", home.folder);
    const groups = VERSIONS.map((name, index) => ({
      targets: [`unix:${join(home.folder, `${name}.sock`)}`],
      labels: { host: hostName(index), tenant: BENCH_TENANT },
    }));
    await home.write("fleet/hosts.yaml", JSON.stringify(groups));
    await home.serves("aggregator");
    const ps = async (...args: string[]) => {
      const end = await home.mosaic("fleet", "ps", "--all-hosts", "--json", ...args);
      return JSON.parse(end.stdout) as PsAnswer;
    };
    const [today, behind, ahead, incompatible] = VERSIONS.map((_, index) => hostName(index)) as [string, string, string, string];
    const states = (answer: PsAnswer) => answer.hosts.map(({ host, state }) => `${host} ${state}`).join();
    const wanted = `${today} LIVE,${behind} LIVE,${ahead} LIVE,${incompatible} INCOMPATIBLE`;
    await eventually(`the states are ${wanted}`, async () => states(await ps()) === wanted, 20_000);

    const findings = newFindings();
    const connect = () => connectFleet({ kind: "unix", path: join(home.mosaicHome, "fleet/run/aggregator.sock") });
    const expected = VERSIONS.map((_, index) => ({
      tenantId: BENCH_TENANT,
      name: hostName(index),
      agents: ["coder0", "coder1"],
      port: 0,
    }));
    await using list = new ListProbe({ connect, findings, expected, ledger: new FaultLedger() });
    await using watch = new WatchProbe({ name: "watch", connect, findings });
    await eventually("both probes read", () => list.queries > 20 && watch.record.isComplete && watch.frames > 10);

    for (const answer of [await ps(), await ps("--live")]) {
      assert.equal(states(answer), wanted);
      assert.match(hostIn(answer, incompatible).detail, /it speaks contract 2, we speak 1/);
      assert.equal(itemIn(answer, behind, "coder0").state, "working");
      // A value of a later version is shown by its number, and nothing else of the row is lost.
      assert.match(itemIn(answer, ahead, "coder0").state, /77/);
      assert.equal(itemIn(answer, ahead, "coder0").pane?.command, "claude");
    }
    const table = await home.mosaic("fleet", "ps", "--all-hosts");
    assert.match(table.stdout, /coder0.*77/);
    assert.match(table.stdout + table.stderr, new RegExp(`${incompatible}.*INCOMPATIBLE`));
    publish(context, "P14 version skew", { wanted, queries: list.queries, silentlyMissing: list.silentlyMissing });
    assertClean(findings, ["C1", "C2", "C3"]);
    assert.equal(watch.isDiverged, false);
  }),
);

function hostName(index: number): string {
  return `host-000${index}`;
}
