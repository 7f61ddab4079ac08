import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { Endpoint } from "@mosaic/core/light";
import { enableLingering, loginName, readLingering, tmuxVersion, unitsToReload } from "@mosaic/host";
import type { MachineFacts } from "../../doctor/doctor-world.ts";
import { once } from "../../doctor/once.ts";
import type { Io } from "../../io/io.ts";
import { agentPath } from "../agent-path.ts";
import { finderOf } from "../check-host.ts";
import { readDisk, readSystemd } from "../host-facts.ts";
import { isListening } from "../is-listening.ts";
import { networkMountOf } from "./network-mount.ts";

/** What this machine says of itself. */
export function machineFacts(io: Io): MachineFacts {
  const env = Object.fromEntries(Object.entries(io.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return {
    tmuxVersion: () => tmuxVersion(env, io.signal),
    systemd: once(() => readSystemd(io)),
    lingering: () => readLingering({ user: loginName() }),
    enableLingering: () => enableLingering(loginName(), io.signal),
    unitsToReload: () => unitsToReload("mosaic-*", io.signal),
    disk: readDisk,
    networkFileSystem: (folder) => networkMountOf(folder, textOf("/proc/self/mountinfo")),
    openFilesLimit: (pid) => openFilesLimitIn(textOf(`/proc/${pid ?? "self"}/limits`)),
    inotify: () => {
      const [watches, instances] = ["watches", "instances"].map((what) =>
        Number(textOf(`/proc/sys/fs/inotify/max_user_${what}`)),
      );
      return watches && instances ? { watches, instances } : undefined;
    },
    isListening,
    whyUnreachable,
    agentPath: once(() => agentPath(io)),
    finder: (path) => finderOf(path, io),
  };
}

/** The soft limit of open files in the text of `/proc/<pid>/limits`; undefined when it says none. */
export function openFilesLimitIn(text: string | undefined): number | undefined {
  const word = /^Max open files\s+(\d+|unlimited)/m.exec(text ?? "")?.[1];
  return word === undefined ? undefined : word === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(word);
}

/** Long enough for a host across an ocean, in ms. */
const REACH_MS = 2000;

function whyUnreachable(endpoint: Endpoint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const place = endpoint.kind === "unix" ? { path: endpoint.path } : { host: endpoint.hostname, port: endpoint.port };
    const socket = connect({ ...place, timeout: REACH_MS });
    const settle = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.once("connect", () => settle(undefined));
    socket.once("timeout", () => settle(`no answer within ${REACH_MS / 1000} s`));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Another system, or a process that ended: what can't be told is not judged.
    return undefined;
  }
}
