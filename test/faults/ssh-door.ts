import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { runSystemTool, systemPath } from "../lab/system-tool.ts";
import { type ProgramEnd, type RunningProgram, runToEnd, startProgram } from "../mesh/run-program.ts";
import type { FaultNet } from "./fault-net.ts";

/** Says why no host can be reached over ssh here; undefined: it can. */
export function sshObstacle(): string | undefined {
  const needed = [["sshd", "openssh-server"] as const, ["ssh", "openssh-client"] as const, ["clush", "clustershell"] as const];
  const missing = [...needed, ["pdsh", "pdsh"] as const].find(
    ([program]) => !systemPath.split(":").some((folder) => existsSync(join(folder, program))),
  );
  return missing === undefined ? undefined : `${missing[0]} is missing: apt-get install ${missing[1]}`;
}

/** Keys and settings that let root of this test in over ssh, and nobody else. */
export class SshDoors {
  readonly #net: FaultNet;
  readonly #folder: string;
  readonly #hosts: string[] = [];

  constructor(net: FaultNet, folder: string) {
    this.#net = net;
    this.#folder = join(folder, "ssh");
  }

  /** Makes the keys. */
  async open(): Promise<void> {
    await mkdir(this.#folder, { mode: 0o700 });
    // The one place outside the test's folder that sshd insists on.
    await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
    for (const key of ["host_key", "login_key"]) {
      await runSystemTool(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(this.#folder, key)]);
    }
    await writeFile(join(this.#folder, "authorized_keys"), await readFile(join(this.#folder, "login_key.pub"), "utf8"));
  }

  /** Starts sshd for a host. @param environment what a command that comes in finds there */
  async start(host: string, port: number, environment: Readonly<Record<string, string>>): Promise<RunningProgram> {
    const at = (name: string) => join(this.#folder, name);
    const lines = [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${at("host_key")}`,
      `AuthorizedKeysFile ${at("authorized_keys")}`,
    ];
    const rules = [
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
    ];
    const set = `SetEnv ${Object.entries(environment)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ")}`;
    await writeFile(at(`sshd_${host}`), `${[...lines, ...rules, set].join("\n")}\n`);
    this.#hosts.push(`Host ${host}\n  HostName 127.0.0.1\n  Port ${port}\n`);
    const common = `Host *\n  User root\n  IdentityFile ${at("login_key")}\n  IdentitiesOnly yes\n  UserKnownHostsFile /dev/null\n`;
    await writeFile(
      at("config"),
      `${this.#hosts.join("")}${common}  StrictHostKeyChecking no\n  LogLevel ERROR\n  BatchMode yes\n`,
    );
    const sshd = startProgram(this.#net.inside(["/usr/sbin/sshd", "-D", "-e", "-f", at(`sshd_${host}`)]), {
      env: { PATH: systemPath },
    });
    await eventually(`sshd of ${host} serves`, () => /listening/.test(sshd.stderr()));
    return sshd;
  }

  /** Runs a command on hosts by `clush`, with its own defaults. */
  clush(hosts: readonly string[], command: string, flags: readonly string[] = []): Promise<ProgramEnd> {
    return this.#run(["clush", ...flags, "-o", `-F ${join(this.#folder, "config")}`, "-w", hosts.join(","), command]);
  }

  /** Runs a command on hosts by `pdsh`, with its own defaults. */
  pdsh(hosts: readonly string[], command: string, flags: readonly string[] = []): Promise<ProgramEnd> {
    const env = { PDSH_SSH_ARGS_APPEND: `-F ${join(this.#folder, "config")}` };
    return this.#run(["pdsh", ...flags, "-R", "ssh", "-w", hosts.join(","), command], env);
  }

  #run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ProgramEnd> {
    const base = { PATH: systemPath, HOME: this.#folder, LANG: "C.UTF-8" };
    return runToEnd(this.#net.inside(argv), { env: { ...base, ...env }, timeoutMs: 120_000 });
  }
}
