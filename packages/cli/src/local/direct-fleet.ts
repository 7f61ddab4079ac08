import { toJson } from "@bufbuild/protobuf";
import { type AgentJson, AgentSchema, type HostStatusJson, HostStatusSchema } from "@mosaic/wire";
import { checkScope } from "../fleet/check-scope.ts";
import type { Io } from "../io/io.ts";
import { type DirectSite, openDirectHost } from "./direct-host.ts";

export interface DirectQuestion {
  readonly globals: DirectSite;
  readonly tenants: readonly string[];
  readonly hosts: readonly string[];
  readonly timeoutMs: number;
}

/** The fleet of this host, looked at without a node. */
export interface DirectFleet extends AsyncDisposable {
  /** Reads it once, in the form that a node would answer with.
   *  @throws MosaicError ROSTER_INVALID, MACHINE, or USAGE for a selection that this host is not in */
  read(): Promise<{ readonly hosts: HostStatusJson[]; readonly agents: AgentJson[] }>;
}

/** Opens the fleet of this host.
 *  @throws MosaicError ROSTER_INVALID */
export async function openDirectFleet(question: DirectQuestion, io: Io): Promise<DirectFleet> {
  const host = await openDirectHost(question.globals, io);
  return {
    async read() {
      const { status, rows } = await host.read(AbortSignal.any([io.signal, AbortSignal.timeout(question.timeoutMs)]));
      const hosts = [toJson(HostStatusSchema, status)];
      await checkScope(question, hosts, async () => hosts);
      return { hosts, agents: rows.map((row) => toJson(AgentSchema, row)) };
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
