import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { MosaicError } from "@mosaic/core";
import type { LinkFamily } from "../provider.ts";

/** IP of one version on one interface. */
export interface Link {
  readonly interfaceName: string;
  readonly family: LinkFamily;
  /** The address to send from. */
  readonly address: string;
  /** Networks of that family on the interface, for example `10.0.0.1/24`. */
  readonly networks: readonly string[];
  /** Every address of the interface, of both families: what is announced on it. */
  readonly addresses: readonly string[];
}

/** Lists the links of this host that are up, without loopback, at most 64 of them. */
export function listLinks(interfaces = networkInterfaces()): Link[] {
  const links = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    (["ipv4", "ipv6"] as const).flatMap((family) => linkOf(name, family, infos)),
  );
  return links.slice(0, MAX_LINKS);
}

/** @throws MosaicError MACHINE when no interface can do multicast */
export function assertLinks(links: readonly Link[]): void {
  if (links.length > 0) return;
  throw new MosaicError("MACHINE", "multicast is not available: this host has no network interface that is up, but loopback", {
    hint: "ip -brief address",
  });
}

/** True when a packet's sender is a neighbour on that link. A socket hears the multicast of every link of the host, and Node
 *  does not say over which a packet came. */
export function isFromLink(link: Link, sender: string): boolean {
  const [address = "", scope] = sender.split("%");
  if (scope !== undefined) return link.family === "ipv6" && scope === link.interfaceName;
  const bits = link.family === "ipv6" ? toBits6(address) : toBits4(address);
  return bits !== undefined && link.networks.some((network) => isWithin(bits, network));
}

/** A container host has dozens of bridges; more than this is not looked at. */
const MAX_LINKS = 64;

function linkOf(interfaceName: string, family: LinkFamily, infos: readonly NetworkInterfaceInfo[]): Link[] {
  const external = infos.filter((info) => !info.internal);
  const ofFamily = external.filter((info) => info.family === (family === "ipv4" ? "IPv4" : "IPv6"));
  // Multicast DNS over IPv6 is sent from the link-local address (RFC 6762, section 11).
  const own = ofFamily.find((info) => info.address.startsWith("fe80:")) ?? ofFamily[0];
  if (own === undefined) return [];
  const networks = ofFamily.flatMap((info) => info.cidr ?? []).toSorted();
  return [{ interfaceName, family, address: own.address, networks, addresses: external.map((info) => info.address).toSorted() }];
}

function isWithin(bits: string, network: string): boolean {
  const [base = "", length = ""] = network.split("/");
  const first = base.includes(":") ? toBits6(base) : toBits4(base);
  return first !== undefined && first.slice(0, Number(length)) === bits.slice(0, Number(length));
}

/** The bits of an address as text, the first one first; undefined for what is no IPv4 address. */
function toBits4(address: string): string | undefined {
  const parts = /^\d{1,3}(\.\d{1,3}){3}$/.test(address) ? address.split(".").map(Number) : [];
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.map((part) => part.toString(2).padStart(8, "0")).join("");
}

/** As `toBits4`. Addresses with an IPv4 part in decimals are none of a link's. */
function toBits6(address: string): string | undefined {
  if (!/^[0-9a-f:]{2,39}$/i.test(address)) return undefined;
  const [head = "", tail] = address.split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: Math.max(0, gap) }, () => "0"), ...after];
  if (groups.length !== 8) return undefined;
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}
