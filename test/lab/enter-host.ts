import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findInit } from "./boot.ts";
import type { HostRecord, TenantRecord } from "./lab-record.ts";

/** Who runs a program on a host: a tenant, or root, who isn't the machine's root in what the host hides of it. */
export type LabUser = TenantRecord | "root";

export interface EnterOptions {
  /** Added to a login's environment, or put in its place. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Inside the host. Default: the user's home. */
  readonly cwd?: string | undefined;
}

/** A way to run a program on a host. */
export interface Entry {
  /** To be started outside, in any way: as a child process, in a terminal. It ends as the program inside ends, but takes no signals for it. */
  readonly argv: readonly [string, ...string[]];
  /** The cgroup of the program and of all that it starts and that does not move away: the session of a login. */
  readonly sessionGroup: string;
}

/** Prepares to run a program on a host as if its user had just logged in: a session, an environment, and a user manager's socket of its own.
 *  @throws Error when the host isn't running */
export function enterHost(host: HostRecord, user: LabUser, argv: readonly string[], options: EnterOptions = {}): Entry {
  const init = findInit(host);
  if (init === undefined) throw new Error(`cannot run ${argv.join(" ")} on ${host.name}: the host is not running`);
  const sessionGroup = join(host.cgroup, sessionOf(user));
  mkdirSync(sessionGroup, { recursive: true });
  const env = { ...loginEnvironment(user), ...options.env };
  const home = options.cwd ?? (user === "root" ? "/root" : user.home);
  return {
    sessionGroup,
    argv: [
      "sh",
      // The group is joined from outside: a cgroup namespace may refuse to take in a process from beyond it.
      ...["-euc", 'echo 0 >"$1/cgroup.procs"; shift; exec "$@"', "join", sessionGroup],
      ...["nsenter", "-t", String(init), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--"],
      ...(user === "root" ? [] : ["setpriv", "--reuid", String(user.uid), "--regid", String(user.uid), "--init-groups", "--"]),
      ...["env", "-i", "-C", home, "--", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...argv],
    ],
  };
}

let sessionCount = 0;

/** Named as logind names sessions, with an id that no other process that enters this host uses. */
function sessionOf(user: LabUser): string {
  const session = `session-p${process.pid}n${sessionCount++}.scope`;
  return user === "root" ? join("system.slice", session) : join("user.slice", `user-${user.uid}.slice`, session);
}

function loginEnvironment(user: LabUser): Record<string, string> {
  const common = { LANG: "C.UTF-8", SHELL: "/bin/sh", TERM: "xterm-256color" };
  if (user === "root") {
    const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    return { ...common, PATH: path, HOME: "/root", USER: "root", LOGNAME: "root" };
  }
  const runtime = `/run/user/${user.uid}`;
  return {
    ...common,
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    XDG_RUNTIME_DIR: runtime,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtime}/bus`,
  };
}
