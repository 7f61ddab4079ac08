import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { cleanEnvironment, MOSAIC } from "../mesh/demo-fleet.ts";
import type { PsAnswer } from "../mesh/ps-answer.ts";
import { type ProgramEnd, type RunningProgram, runToEnd, startProgram } from "../mesh/run-program.ts";
import type { LabHost } from "./lab-host.ts";
import { type Lab, startLab } from "./start-lab.ts";

/** One tenant of one host, with its own fleet. */
export interface Place {
  readonly host: LabHost;
  /** The tenant's number on the host. */
  readonly tenant: number;
  /** As the mesh calls it: `team-a`, `team-b`, … */
  readonly tenantId: string;
}

/** A fleet on every tenant of every host of a lab, and one aggregator over all of them, outside. */
export interface LabFleet extends AsyncDisposable {
  readonly lab: Lab;
  readonly places: readonly Place[];
  /** Runs `mosaic` as the tenant of a place. */
  mosaic(place: Place, ...args: string[]): Promise<ProgramEnd>;
  /** The same, and fails unless it exits with 0. */
  succeed(place: Place, ...args: string[]): Promise<ProgramEnd>;
  /** Runs a program as the tenant of a place, and fails unless it exits with 0. */
  run(place: Place, ...argv: string[]): Promise<string>;
  /** Starts the aggregator over the nodes of all places. */
  startAggregator(): Promise<void>;
  /** Runs `mosaic` against the aggregator. */
  ask(...args: string[]): Promise<ProgramEnd>;
  /** `fleet ps --all-hosts --json`, parsed. */
  ps(): Promise<PsAnswer>;
}

/** The roster of a place: five agents, whose names try what names may be. */
function rosterOf({ host, tenantId }: Place): string {
  const agents = ["lead", "co.der-0", "9lives_", "n".repeat(100)].map(
    (name) => `  - { name: ${name}, runtime: stub, class: crew }\n`,
  );
  // Leaves a process running, as agents leave servers that they test.
  const command = `  - { name: plain, runtime: command, command: [sh, -c, "setsid sleep 1000001 & exec sleep 1000002"] }\n`;
  const spare = "  - { name: spare, runtime: stub, class: helper, lifecycle: ephemeral }\n";
  return `version: 1\ntransport: tmux\ntenant: ${tenantId}\nhost: ${host.name}\ndefaults: { working_directory: "~" }\nagents:\n${agents.join("")}${command}${spare}`;
}

/** Boots a lab and puts a roster on each place; starts no agent.
 *  @param homes the tenants' homes */
export async function startLabFleet(hosts: number, homes: readonly string[], signal: AbortSignal): Promise<LabFleet> {
  await using stack = new AsyncDisposableStack();
  const tenants = homes.map((home, index) => ({ name: `mlab-${"ab"[index]}`, home }));
  const lab = stack.use(await startLab({ hosts, tenants }, signal));
  const folder = await mkdtemp(join(tmpdir(), "mosaic-labfleet-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const env = { ...cleanEnvironment(folder), MOSAIC_HOME: join(folder, "mosaic") };
  const places = lab.hosts.flatMap((host) =>
    homes.map((_home, tenant): Place => ({ host, tenant, tenantId: `team-${"ab"[tenant]}` })),
  );
  const run = async ({ host, tenant }: Place, argv: readonly string[], stdin?: string) => host.run(tenant, argv, { stdin });
  for (const place of places) {
    await run(place, ["mkdir", "-p", ".config/mosaic/fleet"]);
    await run(place, ["tee", ".config/mosaic/fleet/roster.yaml"], rosterOf(place));
  }
  const mosaic = (place: Place, ...args: string[]) => run(place, ["node", MOSAIC[1], ...args]);
  const ask = (...args: string[]) => runToEnd([...MOSAIC, ...args], { env });
  const daemons: RunningProgram[] = [];
  stack.defer(async () => {
    for (const daemon of daemons) await daemon[Symbol.asyncDispose]();
  });
  const opened = stack.move();
  return {
    lab,
    places,
    mosaic,
    async succeed(place, ...args) {
      const end = await mosaic(place, ...args);
      assert.equal(end.exitCode, 0, `${place.tenantId}/${place.host.name}: mosaic ${args.join(" ")}\n${end.stdout}${end.stderr}`);
      return end;
    },
    async run(place, ...argv) {
      const end = await run(place, argv);
      assert.equal(end.exitCode, 0, `${place.tenantId}/${place.host.name}: ${argv.join(" ")}\n${end.stdout}${end.stderr}`);
      return end.stdout;
    },
    async startAggregator() {
      const groups = places.map(({ host, tenant, tenantId }) => ({
        // The homes of all hosts are on one disk, so that sockets in them are reached from outside, over no network.
        targets: [`unix:${join(host.tenants[tenant]?.outsideHome ?? "", ".config/mosaic/fleet/run/node.sock")}`],
        labels: { host: host.name, tenant: tenantId },
      }));
      const hosts = join(folder, "hosts.json");
      await writeFile(hosts, JSON.stringify(groups));
      const program = MOSAIC[1].replace("cli/bin/mosaic.mjs", "aggregator/bin/mosaic-aggregator.mjs");
      const aggregator = startProgram([MOSAIC[0], program, "--membership", hosts], { env });
      daemons.push(aggregator);
      await eventually("the aggregator serves", async () => (await ask("gateway", "call", "Info")).exitCode === 0 || undefined);
    },
    ask,
    ps: async () => JSON.parse((await ask("fleet", "ps", "--all-hosts", "--json")).stdout) as PsAnswer,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
