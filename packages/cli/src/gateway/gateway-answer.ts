import { EXIT_CODES } from "@mosaic/core/light";
import type { CommandResult, TextView } from "../command.ts";
import { plainText } from "../output/plain-text.ts";
import type { GatewayOutcome, GatewayVerb } from "./act-on-gateway.ts";
import type { GatewayHost } from "./gateway-host.ts";
import type { GatewayChange } from "./plan-gateway.ts";

/** Says what an installation of a daemon changed, or its removal.
 *  @param notes for stderr */
export function changeAnswer(
  action: "install" | "uninstall",
  host: GatewayHost,
  { apply: _apply, ...change }: GatewayChange,
  { isDryRun, next, notes }: { readonly isDryRun: boolean; readonly next: string; readonly notes: readonly string[] },
): CommandResult {
  const { role, unit, step, why, before, listen, enablement } = change;
  return {
    exitCode: EXIT_CODES.ok,
    envelope: {
      schema: `mosaic.gateway.${action}/1`,
      complete: true,
      ...{ tenant_id: host.tenantId, host: host.host, role, unit, dry_run: isDryRun, change: step.kind, path: step.path, why },
      ...{ listened: before, listen, enablement, next },
    },
    text: (view) => changeText(change, isDryRun, next, view),
    notes,
  };
}

function changeText(change: Omit<GatewayChange, "apply">, isDryRun: boolean, next: string, { style }: TextView): string {
  const { step, why, before, listen, enablement, unit } = change;
  const isMoved = before.join() !== listen.join();
  const lines = [
    ...(step.kind === "keep"
      ? []
      : [`${style(step.kind === "remove" ? "attention" : "good", step.kind.padEnd(7))}  ${step.path}`]),
    ...(why === "" ? [] : [`${style("faint", "keep   ")}  ${step.path}: ${why}`]),
    ...(isMoved ? [`${style("good", "listen ")}  ${before.join(" ") || "nowhere"} -> ${listen.join(" ") || "nowhere"}`] : []),
    ...(enablement === "keep" ? [] : [`${style(enablement === "enable" ? "good" : "attention", enablement.padEnd(7))}  ${unit}`]),
  ].map(plainText);
  const isDone = lines.length === 0 ? [`${unit} is as it should be.`] : [];
  const end = isDryRun ? ["Nothing was done: --dry-run."] : next === "" ? [] : [plainText(`Next: ${next}`)];
  return `${[...lines, ...isDone, ...end].join("\n")}\n`;
}

/** Says what became of daemons. One that does not answer is a failure. */
export function outcomesAnswer(verb: GatewayVerb, host: GatewayHost, items: readonly GatewayOutcome[]): CommandResult {
  const isSilent = items.some(({ outcome }) => outcome === "silent");
  return {
    exitCode: isSilent ? EXIT_CODES.failed : EXIT_CODES.ok,
    envelope: { schema: `mosaic.gateway.${verb}/1`, complete: true, tenant_id: host.tenantId, host: host.host, items },
    text: ({ style }) =>
      items
        .map(({ unit, outcome, pid, next }) => {
          const word = outcome === "silent" ? style("bad", "started, and does not answer") : style("good", outcome);
          const who = pid === null ? "" : ` (process ${pid})`;
          return `${unit}: ${word}${who}${next === "" ? "" : `; next: ${next}`}\n`;
        })
        .join(""),
  };
}
