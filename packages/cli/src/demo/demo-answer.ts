import type { CommandResult, TextView } from "../command.ts";
import { renderTable, type TableRow } from "../output/table.ts";
import type { DemoState } from "./demo-state.ts";
import { isRunning } from "./demo-up.ts";

/** What the demo commands say of a demo.
 *  @param text what a person is told besides the processes */
export function demoResult(state: DemoState, status: "running" | "ended", text: (table: string) => string): CommandResult {
  const daemons = state.daemons.map((daemon) => ({
    role: daemon.role,
    host: daemon.host,
    pid: daemon.pid,
    is_running: status === "running" && isRunning(daemon),
    endpoint: daemon.endpoint,
    home: daemon.home,
  }));
  const hosts = state.plan.hosts.map((host) => ({
    host: host.name,
    home: host.home,
    tmux_socket: host.tmuxSocketName,
    agents: host.agents.length,
  }));
  const envelope = { schema: "mosaic.demo/1", status, dir: state.plan.directory, tenant: state.plan.tenant, daemons, hosts };
  return { exitCode: 0, envelope, text: (view) => text(daemonTable(daemons, view)) };
}

function daemonTable(
  daemons: readonly { role: string; host: string; pid: number; is_running: boolean; endpoint: string }[],
  view: TextView,
): string {
  const columns = ["ROLE", "HOST", "PID", "ENDPOINT"].map((title) => ({ title }));
  const rows = daemons.map((daemon): TableRow => {
    const pid = daemon.is_running ? String(daemon.pid) : "GONE";
    return { kind: "cells", cells: [daemon.role, daemon.host, pid, daemon.endpoint].map((text) => ({ text })) };
  });
  return renderTable(columns, rows, view)
    .lines.map((line) => `${line}\n`)
    .join("");
}
