import { aborted, EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { parseEndpoint } from "@mosaic/rpc/plain-unary";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { connectOwnFleet } from "../../remote/own-fleet.ts";
import { VERSION } from "../../version.ts";
import { accessToken } from "./access-token.ts";

const DEFAULT_LISTEN = "127.0.0.1:8790";

/** Serves each agent of the fleet as an A2A agent, until it is interrupted. */
export async function run({ flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const listen = listenOn(flags.text("listen") ?? DEFAULT_LISTEN);
  const tokenFile = flags.text("token-file") ?? `${globals.mosaicHome}/fleet/run/a2a.token`;
  const isOpen = flags.boolean("no-token");
  const label = flags.text("source-label") ?? `${io.hostName()}:a2a`;
  await using fleet = await connectOwnFleet(globals, io, deps, label, "a2a");
  const token = isOpen ? undefined : await accessToken(tokenFile);
  const { serveA2a } = await import("../../a2a/serve-a2a.ts");
  await using server = await serveA2a({ fleet, version: VERSION, ...listen, token });
  const told = { schema: "mosaic.a2a.serve/1", url: server.url, token_file: isOpen ? null : tokenFile };
  const text = `serving A2A at ${server.url}/agents${isOpen ? "" : `, with the token in ${tokenFile}`}; Ctrl-C ends it`;
  io.stdout.write(globals.isJson ? `${JSON.stringify(told)}\n` : `${text}\n`);
  await aborted(io.signal);
  return { exitCode: EXIT_CODES.ok };
}

/** @throws MosaicError NOT_ALLOWED for anything but loopback, USAGE for what is no address */
function listenOn(text: string): { readonly hostname: string; readonly port: number } {
  const endpoint = parseEndpoint(text);
  if (endpoint.kind === "tcp") return endpoint;
  throw new MosaicError("USAGE", `--listen: not an address to listen on: ${JSON.stringify(text.slice(0, 200))}`, {
    hint: `write --listen ${DEFAULT_LISTEN}; for other machines put a proxy with TLS before it`,
  });
}
