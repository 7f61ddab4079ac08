import { gatewayUnit } from "@mosaic/lifecycle";
import { type Finding, fault, inOrder } from "./check.ts";
import type { DaemonRole, DoctorWorld } from "./doctor-world.ts";

/** Judges whether a daemon that should serve this home does, and says how to start it where it is installed and where it is not. */
export async function judgeDaemon(role: DaemonRole, world: DoctorWorld): Promise<Finding> {
  const { info, isRunning, record, silence } = await world.daemon(role);
  if (info !== undefined) return inOrder(`answers, process ${info.pid ?? "?"}`);
  const unit = gatewayUnit(role);
  const isInstalled = (await world.files.look(`${world.unitDirectory}/${unit}`)) !== undefined;
  if (isRunning) {
    const next = isInstalled ? `systemctl --user restart ${unit}` : `kill ${record?.pid}`;
    const found = `process ${record?.pid} runs and does not answer: ${silence?.message ?? "no answer"}`;
    return fault(found, next, { runbook: silence?.code === "DEADLINE" ? "DEADLINE" : "NOT_SERVED" });
  }
  if (isInstalled) return fault("it is installed and does not run", `mosaic gateway start --role ${role}`);
  const hasSystemd = (await world.machine.systemd()).kind === "answers";
  const install =
    role === "node" ? "mosaic fleet install-systemd && mosaic fleet start" : "mosaic gateway install --role aggregator";
  return fault(`no mosaic-${role} runs for this home`, hasSystemd ? install : `mosaic-${role}`);
}
