import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { MosaicError } from "@mosaic/core";
import { findHost, findLab } from "./find-lab.ts";
import type { LabFlags } from "./lab-flags.ts";
import { listRecords, readRecord } from "./lab-record.ts";
import { formatStatus, readStatus } from "./lab-status.ts";
import { removeLab, sweepAbandoned } from "./remove-lab.ts";
import { type Lab, startLab } from "./start-lab.ts";
import { systemPath } from "./system-tool.ts";

/** The lab's commands: each resolves to an exit code. */
export const commands: Readonly<Record<string, (flags: LabFlags) => Promise<number>>> = {
  up,
  down,
  status,
  run: (flags) => runProgram(flags, programOf(flags)),
  shell: (flags) => runProgram(flags, existsSync("/bin/bash") ? ["bash"] : ["sh"]),
  reboot: (flags) => withHost(flags, (host) => host.reboot()),
  off: (flags) => withHost(flags, (host) => host.powerOff()),
  on: (flags) => withHost(flags, (host) => host.powerOn()),
  pause: (flags) => withHost(flags, (host) => host.pause()),
  resume: (flags) => withHost(flags, (host) => host.resume()),
  cut: (flags) => withHost(flags, (host) => host.cut({ direction: flags.direction })),
  heal: (flags) => withHost(flags, (host) => host.heal()),
  console: (flags) => withHost(flags, async (host) => void process.stdout.write(host.console())),
};

async function up(flags: LabFlags): Promise<number> {
  const { hosts, tenants, labsFolder, readOnly, isDetached } = flags;
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
  const lab = await startLab({ hosts, tenants, labsFolder, readOnly, kind: isDetached ? "detached" : "command" }, stop.signal);
  process.stdout.write(await formatStatus([lab.record]));
  if (isDetached) return 0;
  say("up until Ctrl-C");
  await untilStopped(lab, stop.signal);
  say("taking it down");
  await lab[Symbol.asyncDispose]();
  return 0;
}

/** Waits for a signal, or for `lab down` in another terminal. */
function untilStopped(lab: Lab, signal: AbortSignal): Promise<void> {
  const isStopped = () => signal.aborted || readRecord(lab.record.folder)?.id !== lab.id;
  return new Promise((resolve) => {
    const timer = setInterval(() => isStopped() && end(), 500);
    const end = () => {
      clearInterval(timer);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
  });
}

async function down({ labsFolder, isAll, lab }: LabFlags): Promise<number> {
  const swept = await sweepAbandoned(labsFolder);
  const wanted = listRecords(labsFolder).filter((record) =>
    lab === undefined ? isAll || record.kind === "command" : record.id === lab,
  );
  if (lab !== undefined && wanted.length === 0 && !swept.includes(lab)) throw new MosaicError("USAGE", `there is no lab ${lab}`);
  for (const record of wanted) await removeLab(record);
  const removed = [...swept, ...wanted.map((record) => record.id)];
  say(removed.length === 0 ? "there was none to remove" : `removed ${removed.join(", ")}`);
  return 0;
}

async function status({ labsFolder, isJson }: LabFlags): Promise<number> {
  const records = listRecords(labsFolder);
  const text = isJson ? `${JSON.stringify(await readStatus(records), null, 2)}\n` : await formatStatus(records);
  process.stdout.write(text);
  return 0;
}

async function withHost(flags: LabFlags, work: (host: Lab["hosts"][number]) => Promise<void>): Promise<number> {
  await work(findHost(findLab(flags), flags.words[0]));
  return 0;
}

/** Hands the terminal, or the pipes, to a program inside; ends as it ends. */
async function runProgram(flags: LabFlags, program: readonly string[]): Promise<number> {
  const [hostName, tenant] = flags.words;
  const host = findHost(findLab(flags), hostName);
  if (tenant === undefined) throw new MosaicError("USAGE", `name a tenant of ${host.name}, or root`);
  const [file, ...args] = host.command(/^\d+$/.test(tenant) ? Number(tenant) : tenant, program, { env: terminalEnv() });
  const child = spawn(file, args, { stdio: "inherit", env: { PATH: systemPath } });
  // The terminal sends its signals to the program too, which decides what they mean.
  for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, () => {});
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

function programOf({ program }: LabFlags): readonly string[] {
  if (program.length > 0) return program;
  throw new MosaicError("USAGE", "nothing to run", { hint: "npm run lab -- run <host> <tenant> -- <program> [arg…]" });
}

function terminalEnv(): Record<string, string> {
  return process.env["TERM"] === undefined ? {} : { TERM: process.env["TERM"] };
}

function say(line: string): void {
  process.stderr.write(`lab: ${line}\n`);
}
