import { EXIT_CODES } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { GatewayItem } from "../../gateway/gateway-item.ts";
import { readGateway } from "../../gateway/gateway-status.ts";
import { gatewayStatusText } from "../../gateway/status-text.ts";
import type { Io } from "../../io/io.ts";
import { openGatewayHost } from "../../local/open-gateway.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";

/** What `gateway status --json` prints. The names of its fields are a contract; see gateway.test.ts. */
export interface GatewayStatusAnswer {
  readonly schema: "mosaic.gateway.status/1";
  /** True when every daemon that is installed answers. */
  readonly complete: boolean;
  readonly tenant_id: string;
  readonly host: string;
  readonly items: readonly GatewayItem[];
}

/** Shows the daemons of this home: how they are kept, where they listen, whether they answer. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  await using host = await openGatewayHost(invocation, io);
  const world = { deps, timeoutMs: invocation.globals.timeoutMs ?? DEFAULT_TIMEOUT_MS, signal: io.signal };
  const items = await Promise.all((["node", "aggregator"] as const).map((role) => readGateway(role, host, world)));
  const complete = items.every(({ installed, answers }) => answers || !installed);
  const { tenantId: tenant_id, systemd } = host;
  const answer: GatewayStatusAnswer = { schema: "mosaic.gateway.status/1", complete, tenant_id, host: host.host, items };
  const isAnybody = items.some(({ answers }) => answers);
  return {
    exitCode: isAnybody ? (complete ? EXIT_CODES.ok : EXIT_CODES.partial) : EXIT_CODES.nobodyAnswered,
    envelope: answer,
    text: (view) => gatewayStatusText(items, systemd.kind === "there", view),
    notes: systemd.kind === "absent" ? [`no systemd keeps the daemons here: ${systemd.reason}`] : [],
  };
}
