import type { CommandResult, TextView } from "../command.ts";
import { renderTable, type TableRow } from "../output/table.ts";
import type { DemoState } from "./demo-state.ts";
import { isRunning } from "./demo-up.ts";
import { isStopped } from "./is-stopped.ts";

/** What the demo commands say of a demo.
 *  @param text what a person is told besides the processes */
export function demoResult(state: DemoState, status: "running" | "ended", text: (table: string) => string): CommandResult {
  const daemons = state.daemons.map((daemon) => {
    const is_running = status === "running" && isRunning(daemon);
    const is_stopped = is_running && isStopped(daemon.pid);
    const { role, host, pid, endpoint, home } = daemon;
    return { role, host, pid, is_running, is_stopped, endpoint, home };
  });
  const hosts = state.plan.hosts.map((host) => ({
    host: host.name,
    home: host.home,
    tmux_socket: host.tmuxSocketName,
    agents: host.agents.length,
  }));
  const envelope = { schema: "mosaic.demo/1", status, dir: state.plan.directory, tenant: state.plan.tenant, daemons, hosts };
  return { exitCode: 0, envelope, text: (view) => text(daemonTable(daemons, view)) };
}

interface DemoProcess {
  readonly role: string;
  readonly host: string;
  readonly pid: number;
  readonly is_running: boolean;
  /** It is there, and does nothing until it is told to go on. */
  readonly is_stopped: boolean;
  readonly endpoint: string;
}

function daemonTable(daemons: readonly DemoProcess[], view: TextView): string {
  const columns = ["ROLE", "HOST", "PID", "ENDPOINT"].map((title) => ({ title }));
  const rows = daemons.map((daemon): TableRow => {
    const cells = [daemon.role, daemon.host, pidText(daemon), daemon.endpoint].map((text) => ({ text }));
    return { kind: "cells", cells };
  });
  const { lines } = renderTable(columns, rows, view);
  return [...lines, ...daemons.flatMap(wayOn)].map((line) => `${line}\n`).join("");
}

function pidText({ pid, is_running, is_stopped }: DemoProcess): string {
  if (!is_running) return "GONE";
  return is_stopped ? `${pid} STOPPED` : String(pid);
}

function wayOn({ role, host, pid, is_stopped }: DemoProcess): string[] {
  const name = role === host ? role : `${role} ${host}`;
  return is_stopped ? [`${name} is stopped and answers nobody; to have it go on: kill -CONT ${pid}`] : [];
}
