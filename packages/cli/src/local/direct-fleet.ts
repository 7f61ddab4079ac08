import { toJson } from "@bufbuild/protobuf";
import { type AgentJson, AgentSchema, type HostStatusJson, HostStatusSchema } from "@mosaic/wire";
import { checkScope } from "../fleet/check-scope.ts";
import type { Io } from "../io/io.ts";
import { openDirectHost } from "./direct-host.ts";

export interface DirectQuestion {
  readonly globals: { readonly mosaicHome: string };
  readonly tenants: readonly string[];
  readonly hosts: readonly string[];
  readonly timeoutMs: number;
}

/** Reads the fleet of this host once, without a node, in the form that a node would answer with.
 *  @throws MosaicError ROSTER_INVALID, MACHINE, or USAGE for a selection that this host is not in */
export async function readDirectFleet(
  question: DirectQuestion,
  io: Io,
): Promise<{ hosts: HostStatusJson[]; agents: AgentJson[] }> {
  await using host = await openDirectHost(question.globals.mosaicHome, io);
  const { status, rows } = await host.read(AbortSignal.any([io.signal, AbortSignal.timeout(question.timeoutMs)]));
  const hosts = [toJson(HostStatusSchema, status)];
  await checkScope(question, hosts, async () => hosts);
  return { hosts, agents: rows.map((row) => toJson(AgentSchema, row)) };
}
