import assert from "node:assert/strict";
import { eventually } from "@mosaic/testkit";
import { MOSAIC } from "../mesh/demo-fleet.ts";
import { hostIn, itemIn, type PsAnswer } from "../mesh/ps-answer.ts";
import type { ProgramEnd } from "../mesh/run-program.ts";
import { TestTerminal } from "../mesh/test-terminal.ts";
import type { LabHost } from "./lab-host.ts";
import { startLab } from "./start-lab.ts";

/** A host whose one tenant has `~/.config`, with all of Mosaic in it, on a small disk of its own. */
export interface DiskHost extends AsyncDisposable {
  readonly host: LabHost;
  /** The folder that is the disk, as the host sees it. */
  readonly disk: string;
  /** Runs `mosaic`. */
  mosaic(...args: readonly string[]): Promise<ProgramEnd>;
  /** The same; fails unless it exits with 0. @returns what it printed */
  succeed(...args: readonly string[]): Promise<string>;
  /** Runs a `mosaic` that must exit with 1 and say why. */
  fails(reason: RegExp, ...args: readonly string[]): Promise<void>;
  /** Runs a program as the tenant; fails unless it exits with 0. @returns what it printed */
  run(...argv: readonly string[]): Promise<string>;
  asRoot(...argv: readonly string[]): Promise<string>;
  ps(): Promise<PsAnswer>;
  /** `TYPE: message` of an agent's conditions. */
  conditionsOf(agent: string): Promise<string[]>;
  /** The same of the host. */
  hostConditions(): Promise<string[]>;
  nodeAnswers(): Promise<unknown>;
  /** What somebody sees who tries to take an agent over. */
  attach(agent: string): Promise<string>;
}

/** What the disk holds: the inbox wants 64 MiB free, and the rest has to be filled by tests. */
const DISK_MIB = 160;

/** Boots the host and mounts its disk, which is empty. */
export async function startDiskHost(name: string, signal: AbortSignal): Promise<DiskHost> {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await startLab({ hosts: [name], tenants: 1 }, signal));
  const [host] = lab.hosts;
  const [tenant] = lab.tenants;
  assert.ok(host && tenant);
  const disk = `${tenant.home}/.config`;
  const mosaic = (...args: readonly string[]) => host.run(0, ["node", MOSAIC[1], ...args]);
  const succeed = async (...args: readonly string[]) => okay(args, await mosaic(...args));
  const run = async (...argv: readonly string[]) => okay(argv, await host.run(0, argv));
  const asRoot = async (...argv: readonly string[]) => okay(argv, await host.runAsRoot(argv));
  const ps = async () => JSON.parse(await succeed("fleet", "ps", "--json")) as PsAnswer;
  await run("mkdir", "-p", disk);
  const options = `size=${DISK_MIB}m,mode=700,uid=${tenant.uid},gid=${tenant.uid}`;
  await asRoot("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk);
  const opened = stack.move();
  return {
    host,
    disk,
    mosaic,
    succeed,
    async fails(reason, ...args) {
      const end = await mosaic(...args);
      assert.equal(end.exitCode, 1, `${args.join(" ")}\n${end.stdout}${end.stderr}`);
      assert.match(end.stdout + end.stderr, reason);
    },
    run,
    asRoot,
    ps,
    conditionsOf: async (agent) => told(itemIn(await ps(), name, agent)),
    hostConditions: async () => told(hostIn(await ps(), name)),
    nodeAnswers: () => eventually("the node answers", async () => (await ps()).via !== "direct", 30_000),
    async attach(agent) {
      await using terminal = new TestTerminal();
      const argv = host.command(0, ["node", MOSAIC[1], "agent", "attach", agent]);
      const screen = await terminal.open(argv, { env: { PATH: process.env["PATH"] ?? "" }, columns: 200, rows: 20 });
      return `${await screen.ended(20_000)}\n${(await screen.lines()).join("\n")}`;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function told({ conditions }: Pick<PsAnswer["items"][number], "conditions">): string[] {
  return conditions.map(({ type, message }) => `${type}: ${message}`);
}

function okay(argv: readonly string[], end: ProgramEnd): string {
  assert.equal(end.exitCode, 0, `${argv.join(" ")}\n${end.stdout}${end.stderr}`);
  return end.stdout;
}
