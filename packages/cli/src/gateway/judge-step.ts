import type { GatewayItem } from "./gateway-item.ts";

/** What to type next about a daemon; empty: nothing, as of one that nobody has asked for.
 *  @param hasSystemd whether the user's systemd answers */
export function judgeStep(
  { role, unit, installed, active, enabled, answers }: Omit<GatewayItem, "next">,
  hasSystemd: boolean,
): string {
  if (!installed) return answers && hasSystemd ? `mosaic gateway install --role ${role}` : "";
  if (!hasSystemd) return answers ? "" : "systemctl --user status";
  if (active === "failed") return `journalctl --user -u ${unit} -n 50`;
  if (!answers) return `mosaic gateway ${active === "active" ? "restart" : "start"} --role ${role}`;
  return enabled.startsWith("enabled") ? "" : `mosaic gateway install --role ${role}`;
}
