import { existsSync } from "node:fs";
import { formatEndpoint } from "@mosaic/rpc/plain-unary";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { PROTOCOL_VERSION, probe } from "../../gateway/probe.ts";
import { PROBE_EXIT_CODES, type ProbedEndpoint, probeText, toProbeAnswer } from "../../gateway/probe-answer.ts";
import { probeLink } from "../../gateway/probe-link.ts";
import type { Io } from "../../io/io.ts";
import { DEFAULT_TIMEOUT_MS, type GlobalOptions } from "../../parse/global-options.ts";
import { type Place, placesFor } from "../../remote/endpoints.ts";

/** Asks endpoints for everything that a caller needs, and says how long each step took and how it stands. */
export async function run({ globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { mosaicHome, timeoutMs = DEFAULT_TIMEOUT_MS } = globals;
  const items: ProbedEndpoint[] = [];
  // One after the other: what is measured is not to disturb itself.
  for (const { endpoint } of placesToProbe(globals)) {
    const link = probeLink(endpoint, deps, { mosaicHome, timeoutMs, signal: io.signal });
    const found = await probe(link, { clock: io.clock, protocolVersion: PROTOCOL_VERSION });
    items.push({ endpoint: formatEndpoint(endpoint), ...found });
  }
  const answer = toProbeAnswer(items);
  return { exitCode: PROBE_EXIT_CODES[answer.verdict], envelope: answer, text: (view) => probeText(answer, view) };
}

// Of this home's own sockets only those that are there: a host without an aggregator lacks nothing.
function placesToProbe(globals: GlobalOptions): readonly Place[] {
  const places = placesFor("anywhere", globals);
  const there = places.filter(({ endpoint, via }) => via === undefined || endpoint.kind !== "unix" || existsSync(endpoint.path));
  return there.length > 0 ? there : places.slice(-1);
}
