import { formatEndpoint } from "@mosaic/rpc/plain-unary";
import type { InfoResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { agentWord } from "../../fleet/enum-text.ts";
import type { Io } from "../../io/io.ts";
import { ageText } from "../../output/age-text.ts";
import { plainText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { type Place, placesFor } from "../../remote/endpoints.ts";
import { VERSION } from "../../version.ts";

/** A daemon that answered. */
interface ServerVersion {
  readonly endpoint: string;
  readonly role: string;
  readonly version: string;
  readonly protocol_version: number;
  readonly host: string;
  readonly id: string;
  readonly uptime_ms: number;
}

/** Prints the version of this command, and with --all of the daemons that answer. */
export async function run({ flags, globals }: Invocation, _io: Io, deps: CommandDeps): Promise<CommandResult> {
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const places = flags.boolean("all") ? placesFor("anywhere", globals) : [];
  const asked = await Promise.all(places.map((place) => askVersion(place, deps, timeoutMs)));
  const servers = asked.filter((server) => server !== undefined);
  return {
    exitCode: 0,
    envelope: { schema: "mosaic.version/1", complete: true, version: VERSION, servers },
    text: () => [`mosaic ${VERSION}`, ...servers.map(lineOf)].map((line) => `${line}\n`).join(""),
  };
}

async function askVersion(place: Place, deps: CommandDeps, timeoutMs: number): Promise<ServerVersion | undefined> {
  try {
    const info = await deps.remote.unary<InfoResponseJson>(place.endpoint, "Info", {}, timeoutMs);
    return {
      endpoint: formatEndpoint(place.endpoint),
      role: agentWord(info.role, "ROLE_"),
      version: info.version ?? "",
      protocol_version: info.protocolVersion ?? 0,
      host: info.host ?? "",
      id: info.id ?? "",
      uptime_ms: Number(info.uptimeMs ?? 0),
    };
  } catch {
    // The manual says so: daemons that don't answer are left out, whatever the reason.
    return undefined;
  }
}

function lineOf(server: ServerVersion): string {
  return plainText(
    `mosaic-${server.role} ${server.version} (contract ${server.protocol_version}) on ${server.host}, up ${ageText(server.uptime_ms)}, at ${server.endpoint}`,
  );
}
