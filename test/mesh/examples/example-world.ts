import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { COMMANDS } from "../../../packages/cli/src/command-table/command-table.ts";
import { daemonHome } from "../daemon-home.ts";
import { cleanEnvironment, MOSAIC } from "../demo-fleet.ts";
import { endProcesses } from "../leftovers.ts";
import { type ProgramEnd, runToEnd } from "../run-program.ts";
import { type Authority, openAuthority } from "./authority.ts";
import type { Place, PlaceName } from "./place.ts";
import { sayFirst } from "./said-first.ts";
import { openSpareHost } from "./spare-host.ts";
import { writeShims } from "./stand-ins.ts";
import { makeRepository } from "./work-folder.ts";

/** What the examples are run in. Disposing ends it. */
export interface ExampleWorld extends AsyncDisposable {
  readonly folder: string;
  readonly places: Readonly<Record<PlaceName, Place>>;
  readonly authority: Authority;
  /** Where the node of a host of the demo serves. */
  readonly endpoint: (host: string) => string;
  /** The example of `demo up`, which made the fleet. */
  readonly madeBy: ProgramEnd;
  /** Runs `mosaic` at a place to its end, for what an example needs to be there. */
  mosaic(place: Place, ...args: string[]): Promise<ProgramEnd>;
}

/** Makes a fleet by the very example of `demo up`, and beside it what the other examples need. */
export async function openExampleWorld(): Promise<ExampleWorld> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-examples-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  stack.defer(() => endProcesses([folder]));
  await Promise.all(["home", "bin", "work"].map((name) => mkdir(join(folder, name), { recursive: true })));
  const env = { ...cleanEnvironment(folder), PATH: await programs(folder), XDG_CONFIG_HOME: join(folder, "home/.config") };
  const mosaic = (place: Place, ...args: string[]) => runToEnd([...MOSAIC, ...args], place);
  const cwd = join(folder, "work");
  stack.defer(async () => void (await mosaic({ env, cwd }, "demo", "down")));
  await makeRepository(cwd, env);
  const [madeBy, spare, authority] = await Promise.all([
    mosaic({ env, cwd }, ...demoUpLine()),
    openSpareHost(stack, folder, env),
    openAuthority(stack),
  ]);
  assert.equal(madeBy.exitCode, 0, madeBy.stderr);
  const demo = JSON.parse((await mosaic({ env, cwd }, "demo", "ps", "--json")).stdout) as DemoAnswer;
  const at = (mosaicHome: string): Place => ({ env: { ...env, MOSAIC_HOME: mosaicHome }, cwd });
  const places = { fleet: at(demo.dir), alpha: at(`${demo.dir}/hosts/alpha`), spare, authority: authority.place };
  const members = { ...places.fleet, env: { ...env, MOSAIC_HOME: await openMembers(stack, demo) } };
  await sayFirst(mosaic, places.fleet, demo.hosts.find(({ host }) => host === "gamma")?.tmux_socket ?? "");
  const kept = stack.move();
  return {
    ...{ folder, madeBy, mosaic, authority, places: { ...places, members } },
    endpoint: (host) => demo.daemons.find((daemon) => daemon.host === host)?.endpoint ?? "",
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

interface DemoAnswer {
  readonly dir: string;
  readonly daemons: readonly { readonly host: string; readonly endpoint: string }[];
  readonly hosts: readonly { readonly host: string; readonly tmux_socket: string }[];
}

// The one line that the manual has for it, so that it is proven by everything else.
function demoUpLine(): string[] {
  const line = COMMANDS.find(({ path }) => path.join(" ") === "demo up")?.examples[0]?.line ?? "";
  return line.split(" ").slice(1);
}

/** Another aggregator of the demo's hosts, so that whoever changes who is expected does it beside the others. */
async function openMembers(stack: AsyncDisposableStack, demo: DemoAnswer): Promise<string> {
  const home = stack.use(await daemonHome({ name: "members" }));
  const nodes = demo.daemons.filter(({ endpoint }) => endpoint.startsWith("http"));
  // The file is its owner's; gamma was added by command, which takes it out again.
  const inFile = nodes.filter(({ host }) => host !== "gamma");
  const groups = inFile.map(({ host, endpoint }) => ({ targets: [endpoint], labels: { host, tenant: "demo" } }));
  await home.write("fleet/hosts.yaml", JSON.stringify(groups));
  await chmod(`${home.mosaicHome}/fleet`, 0o700);
  await home.serves("aggregator");
  const address = nodes.find(({ host }) => host === "gamma")?.endpoint ?? "";
  const added = await home.mosaic("host", "add", "demo/gamma", "--address", address);
  assert.equal(added.exitCode, 0, added.stderr);
  return home.mosaicHome;
}

/** The PATH: `mosaic` as it is built, the Node of the tests, and stand-ins for what can't be had here. */
async function programs(folder: string): Promise<string> {
  const bin = join(folder, "bin");
  await symlink(MOSAIC[1], join(bin, "mosaic"));
  await writeShims(bin);
  return `${bin}:${dirname(process.execPath)}:${process.env["PATH"] ?? "/usr/bin:/bin"}`;
}
