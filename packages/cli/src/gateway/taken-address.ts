import type { GatewayRole } from "@mosaic/lifecycle";
import { formatEndpoint, parseEndpoint } from "@mosaic/rpc/plain-unary";
import type { DaemonLook } from "../doctor/doctor-world.ts";

/** Says that another program has an address that a daemon is installed for, such as another tenant's node with the same default port.
 *  @param daemon of this home, which may have the address itself
 *  @returns one sentence with what to type; undefined: the address is free, or this home's own */
export async function takenAddressNote(
  address: string,
  role: GatewayRole,
  daemon: Pick<DaemonLook, "isRunning" | "record">,
  isListening: (hostname: string, port: number) => Promise<boolean>,
): Promise<string | undefined> {
  const endpoint = parseEndpoint(address);
  if (endpoint.kind === "unix") return undefined;
  if (daemon.isRunning && daemon.record?.endpoints.includes(formatEndpoint(endpoint))) return undefined;
  if (!(await isListening(endpoint.hostname, endpoint.port))) return undefined;
  const other = `mosaic gateway install --role ${role} --host ${endpoint.hostname} --port <another>`;
  return `another program listens at ${address}, and mosaic-${role} does not start while it does: ${other}; who it is: ss -ltnp 'sport = :${endpoint.port}'`;
}
