import { MosaicError } from "@mosaic/core/light";
import { AGGREGATOR_UNIT, type GatewayRole, gatewayUnit, NODE_UNIT } from "@mosaic/lifecycle";
import { formatEndpoint, parseEndpoint } from "@mosaic/rpc/plain-unary";
import type { FlagValues } from "../parse/flag-values.ts";
import type { GatewayHost } from "./gateway-host.ts";

/** The address that is asked for by `--host` and `--port`, as a daemon's `--listen` takes it: plain text on loopback, TLS elsewhere.
 *  @throws MosaicError USAGE for what is no address */
export function listenAddress(flags: FlagValues, role: GatewayRole): string {
  const host = flags.text("host") ?? "127.0.0.1";
  const port = flags.integer("port") ?? DEFAULT_PORTS[role];
  const authority = `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
  const isLoopback = /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/.test(host);
  return formatEndpoint(parseEndpoint(`${isLoopback ? "http" : "https"}://${authority}`));
}

/** As in the examples of both daemons' manuals: on one host they stand side by side. */
const DEFAULT_PORTS: Readonly<Record<GatewayRole, number>> = { node: 8787, aggregator: 8788 };

/** Which daemon is meant by `--role`; undefined: whichever is installed. */
export function roleFlag(flags: FlagValues): GatewayRole | undefined {
  return flags.text("role") as GatewayRole | undefined;
}

/** The daemons that a command is about: the one that is named, else those that are installed.
 *  @throws MosaicError UNIT_FAILED when it is not installed, with what installs it */
export async function rolesMeant(host: GatewayHost, named: GatewayRole | undefined): Promise<readonly GatewayRole[]> {
  const roles = named === undefined ? (["node", "aggregator"] as const) : [named];
  const found: GatewayRole[] = [];
  for (const role of roles)
    if ((await host.files.read(`${host.site.unitDirectory}/${gatewayUnit(role)}`)) !== undefined) found.push(role);
  if (found.length > 0) return found;
  const units = named === undefined ? `${NODE_UNIT} nor ${AGGREGATOR_UNIT}` : gatewayUnit(named);
  throw new MosaicError("UNIT_FAILED", `${named === undefined ? "neither " : ""}${units} is installed for this user`, {
    hint: `mosaic gateway install${named === undefined ? "" : ` --role ${named}`}`,
  });
}
