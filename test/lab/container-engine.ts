import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A Docker engine that answers, as testcontainers finds it: by DOCKER_HOST. Disposing ends it when a test started it. */
export interface ContainerEngine extends AsyncDisposable {
  readonly dockerHost: string;
  /** What to put before a command so that it reaches the ports that containers publish on 127.0.0.1; nothing where they are ours. */
  readonly reach: readonly string[];
  /** True: it was started for this process, and everything in it goes with it. */
  readonly isOurs: boolean;
}

/** Finds the engine that DOCKER_HOST names, else the machine's own, else starts `dockerd` for this process (root only). Sets
 *  DOCKER_HOST for testcontainers, and turns its reaper off: its image would have to be pulled.
 *  @returns undefined when no engine answers */
export async function containerEngine(): Promise<ContainerEngine | undefined> {
  process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
  for (const dockerHost of [process.env["DOCKER_HOST"], "unix:///var/run/docker.sock"]) {
    if (dockerHost === undefined || !(await answers(dockerHost))) continue;
    process.env["DOCKER_HOST"] = dockerHost;
    return { dockerHost, reach: [], isOurs: false, [Symbol.asyncDispose]: async () => {} };
  }
  const canStart = process.getuid?.() === 0 && ["dockerd", "unshare", "nsenter", "ip", DIES_WITH_US].every(isOnPath);
  return canStart ? startEngine() : undefined;
}

/** Of util-linux, as unshare is: the next program gets a signal when this process ends. */
const DIES_WITH_US = "setpriv";

/** A busy machine of two cores takes a few seconds. */
const START_WITHIN_MS = 30_000;

/** dockerd gives its containers 15 s to end before it ends itself. */
const END_WITHIN_MS = 30_000;

// In a network namespace of its own: dockerd sets the firewall of the one it is in to drop what it forwards, and other
// tests have bridges there. In a mount namespace of its own, so that its mounts go with it. It ends with this process, even
// when that is killed.
async function startEngine(): Promise<ContainerEngine> {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-docker-"));
  const dockerHost = `unix://${folder}/docker.sock`;
  const paths = ["data-root", "exec-root", "pidfile"].map((name) => `--${name}=${join(folder, name)}`);
  const surroundings = ["--pdeathsig", "TERM", "--", "unshare", "--net", "--mount", "--"];
  const dockerd = ["dockerd", `--host=${dockerHost}`, ...paths, "--log-level=error"];
  const child = spawn(DIES_WITH_US, [...surroundings, ...dockerd], { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.on("data", (data) => (output += data));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    const isOver = await Promise.race([ended.then(() => true), sleep(END_WITHIN_MS, false, { ref: false })]);
    if (!isOver) child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadlineMs = performance.now() + START_WITHIN_MS;
  while (!(await answers(dockerHost))) {
    if (child.exitCode === null && performance.now() < deadlineMs) await sleep(100);
    else {
      await stop();
      throw new Error(`dockerd did not start:\n${output}`);
    }
  }
  process.env["DOCKER_HOST"] = dockerHost;
  const reach = ["nsenter", `--net=/proc/${child.pid}/ns/net`, "--"];
  const [program = "", ...args] = [...reach, "ip", "link", "set", "lo", "up"];
  execFileSync(program, args);
  return { dockerHost, reach, isOurs: true, [Symbol.asyncDispose]: stop };
}

function answers(dockerHost: string): Promise<boolean> {
  const { protocol, pathname, hostname, port } = new URL(dockerHost);
  const place = protocol === "unix:" ? { socketPath: pathname } : { hostname, port };
  return new Promise((resolve) => {
    const asking = request({ ...place, path: "/_ping", timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asking.once("timeout", () => asking.destroy());
    asking.once("error", () => resolve(false));
    asking.end();
  });
}

/** Whether a program is found by its name. */
export function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}
