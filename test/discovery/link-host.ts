import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { runSystemTool, systemPath } from "../lab/system-tool.ts";
import { quietRoster } from "../mesh/daemon-home.ts";
import { type ProgramEnd, type RunningProgram, runToEnd, startProgram } from "../mesh/run-program.ts";

const PACKAGES = join(import.meta.dirname, "../../packages");

/** A host made of a network and a mount namespace, with a `/run` of its own. Disposing ends all its processes, and with them
 *  the namespaces and the links. */
export interface LinkHost extends AsyncDisposable {
  readonly name: string;
  /** The process that holds the namespaces: what `ip … netns` names. */
  readonly pid: number;
  /** Runs a program there to its end. */
  run(argv: readonly [string, ...string[]], env?: Readonly<Record<string, string>>): Promise<ProgramEnd>;
  /** Starts a program there; it ends with the host. */
  start(argv: readonly [string, ...string[]], env?: Readonly<Record<string, string>>): RunningProgram;
  /** Starts a system bus and avahi-daemon, and waits until that works. */
  startAvahi(): Promise<RunningProgram>;
  /** Starts avahi-daemon alone, on the bus that is there. */
  restartAvahi(): Promise<RunningProgram>;
  /** Starts a daemon of ours and waits until it serves. */
  startDaemon(
    role: "node" | "aggregator",
    flags: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<RunningProgram>;
  /** Puts a file below MOSAIC_HOME. */
  write(path: string, text: string): Promise<void>;
  mosaic(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ProgramEnd>;
}

/** Makes a host without any link but loopback. */
export async function linkHost(name: string): Promise<LinkHost> {
  const folder = await mkdtemp(join(tmpdir(), `mosaic-link-${name}-`));
  const mosaicHome = join(folder, "mosaic");
  await mkdir(join(mosaicHome, "fleet/run"), { recursive: true, mode: 0o700 });
  await writeFile(join(mosaicHome, "fleet/roster.yaml"), quietRoster(name, ["lead"]));
  const base = { PATH: `${join(process.execPath, "..")}:${systemPath}`, LANG: "C.UTF-8", HOME: folder, MOSAIC_HOME: mosaicHome };
  // Ends by itself should the test be killed.
  const holder = startProgram(["unshare", "--net", "--mount", "--propagation", "private", "sleep", "900"], { env: base });
  const started: RunningProgram[] = [];
  const inside = (argv: readonly string[]): [string, ...string[]] => {
    return ["nsenter", `--target=${holder.pid}`, "--net", "--mount", "--", ...argv];
  };
  const start: LinkHost["start"] = (argv, env = {}) => {
    const program = startProgram(inside(argv), { env: { ...base, ...env } });
    started.push(program);
    return program;
  };
  const run: LinkHost["run"] = (argv, env = {}) => runToEnd(inside(argv), { env: { ...base, ...env } });
  await eventually("the namespaces are there", async () => {
    const found = await run(["readlink", "/proc/self/ns/net"]);
    return found.exitCode === 0 && found.stdout !== (await runSystemTool(["readlink", "/proc/self/ns/net"]));
  });
  await must(run(["mount", "-t", "tmpfs", "tmpfs", "/run"]));
  await must(run(["mkdir", "-p", "/run/dbus", "/run/avahi-daemon"]));
  await must(run(["ip", "link", "set", "lo", "up"]));
  const restartAvahi = async () => {
    const avahi = start(["avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "--file", join(folder, "avahi.conf")]);
    await eventually("avahi-daemon works", async () => (await run(["avahi-resolve", "-4", "-n", `${name}.local`])).stdout !== "");
    return avahi;
  };
  return {
    name,
    pid: holder.pid,
    run,
    start,
    restartAvahi,
    async startAvahi() {
      await writeFile(join(folder, "bus.conf"), BUS_CONFIG);
      await writeFile(join(folder, "avahi.conf"), `[server]\nhost-name=${name}\nuse-ipv4=yes\nuse-ipv6=yes\n`);
      start(["dbus-daemon", "--nofork", "--nopidfile", `--config-file=${join(folder, "bus.conf")}`]);
      await eventually("the bus is there", async () => (await run(["test", "-S", "/run/dbus/system_bus_socket"])).exitCode === 0);
      return await restartAvahi();
    },
    async startDaemon(role, flags, env) {
      const daemon = start([process.execPath, join(PACKAGES, role, "src/main.ts"), ...flags], env);
      let end: ProgramEnd | undefined;
      void daemon.ended.then((found) => {
        end = found;
      });
      await eventually(`mosaic-${role} serves`, async () => {
        if (end !== undefined) throw new Error(`mosaic-${role} ended: ${end.stderr}`);
        return (await run(["test", "-e", join(mosaicHome, `fleet/run/${role}.json`)])).exitCode === 0;
      });
      return daemon;
    },
    write: (path, text) => writeFile(join(mosaicHome, path), text),
    mosaic: (args, env) => run([process.execPath, join(PACKAGES, "cli/src/main.ts"), ...args], env),
    async [Symbol.asyncDispose]() {
      for (const program of started.toReversed()) await program[Symbol.asyncDispose]();
      await holder[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Joins two hosts by a cable: an interface of that name on both, `10.N.0.1` and `fdN::1` at one end, `.2` at the other. */
export async function joinHosts(a: LinkHost, b: LinkHost, device: string, number: number): Promise<void> {
  const peer = ["peer", "name", device, "netns", String(b.pid)];
  await runSystemTool(["ip", "link", "add", "name", device, "netns", String(a.pid), "type", "veth", ...peer]);
  for (const [index, host] of [a, b].entries()) {
    await must(host.run(["ip", "address", "add", `10.${number}.0.${index + 1}/24`, "dev", device]));
    await must(host.run(["ip", "address", "add", `fd${number}::${index + 1}/64`, "dev", device, "nodad"]));
    await must(host.run(["ip", "link", "set", device, "up"]));
  }
  // A link-local address is of no use before it is known to be nobody else's.
  for (const host of [a, b]) {
    await eventually("IPv6 works", async () => {
      const { stdout } = await host.run(["ip", "-6", "address", "show", "dev", device, "scope", "link"]);
      return stdout.includes("fe80:") && !stdout.includes("tentative");
    });
  }
}

/** @throws Error with its standard error when it failed */
export async function must(ending: Promise<ProgramEnd>): Promise<string> {
  const { exitCode, stdout, stderr } = await ending;
  if (exitCode === 0) return stdout;
  throw new Error(`exit code ${exitCode}: ${stderr}`);
}

/** A bus for root alone. */
const BUS_CONFIG = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="root"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
  </policy>
</busconfig>
`;
