import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { HostRecord, LabRecord } from "./lab-record.ts";
import { runSystemTool } from "./system-tool.ts";

/** Frames of which way are dropped: those to the host, those from it, or all. */
export type CutDirection = "in" | "out" | "both";

const bridge = "br0";

/** Drops at the bridge, so that a cut is silent, holds for every protocol, ARP included, and outlives a reboot of the host. */
const cutRules = `table bridge lab {
  set cut_in { type ifname; }
  set cut_out { type ifname; }
  chain forward {
    type filter hook forward priority 0; policy accept;
    iifname @cut_out drop
    oifname @cut_in drop
  }
}
`;

/** Makes the bridge that joins a lab's hosts, in a network namespace of its own: nothing of it is seen outside. */
export async function createSwitch({ switchNetns }: LabRecord): Promise<void> {
  await ip("netns", "add", switchNetns);
  // Without a querier, a bridge that snoops would keep multicast (mDNS) from those that didn't ask for it in time.
  await ip("-n", switchNetns, "link", "add", bridge, "up", "type", "bridge", "mcast_snooping", "0", "forward_delay", "0");
  await inNetns(switchNetns, ["nft", "-f", "-"], cutRules);
}

/** Plugs a host in: a new network namespace, which knows nothing of connections before. */
export async function plugIn({ switchNetns }: LabRecord, { netns, port, address }: HostRecord): Promise<void> {
  await ip("netns", "add", netns);
  await ip(
    "-n",
    switchNetns,
    "link",
    "add",
    port,
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "address",
    hardwareAddress(address),
    "netns",
    netns,
  );
  await ip("-n", netns, "link", "set", "lo", "up");
  await ip("-n", netns, "addr", "add", `${address}/24`, "dev", "eth0");
  await ip("-n", netns, "link", "set", "eth0", "up");
  await ip("-n", netns, "route", "add", "224.0.0.0/4", "dev", "eth0");
  await ip("-n", switchNetns, "link", "set", port, "master", bridge, "up");
}

/** Pulls a host's plug: what its connections would still have sent is never sent. Does nothing for a host that isn't plugged in. */
export async function unplug({ switchNetns }: LabRecord, { port, netns }: HostRecord): Promise<void> {
  if (!netnsExists(netns)) return;
  // The device is asked for first: a namespace that some process still holds would keep it.
  await ip("-n", switchNetns, "link", "del", port).catch(ignoreMissing);
  await removeNetns(netns);
}

/** Removes a network namespace by name, if it is there. */
export async function removeNetns(netns: string): Promise<void> {
  if (netnsExists(netns)) await ip("netns", "del", netns).catch(ignoreMissing);
}

/** Tells whether a network namespace has that name. */
export function netnsExists(netns: string): boolean {
  return existsSync(join("/run/netns", netns));
}

/** Drops a host's frames from now on. What was cut before stays cut. */
export async function cutHost({ switchNetns }: LabRecord, { port }: HostRecord, direction: CutDirection): Promise<void> {
  const sets = direction === "both" ? ["cut_in", "cut_out"] : [`cut_${direction}`];
  const commands = sets.map((set) => `add element bridge lab ${set} { "${port}" }\n`);
  await inNetns(switchNetns, ["nft", "-f", "-"], commands.join(""));
}

/** Lets all of a host's frames pass again. */
export async function healHost(record: LabRecord, host: HostRecord): Promise<void> {
  const cut = await readCut(record, host);
  const sets = cut === undefined ? [] : cut === "both" ? ["cut_in", "cut_out"] : [`cut_${cut}`];
  const commands = sets.map((set) => `delete element bridge lab ${set} { "${host.port}" }\n`);
  await inNetns(record.switchNetns, ["nft", "-f", "-"], commands.join(""));
}

/** Reads what is cut of a host; undefined: nothing, or there is no bridge any more. */
export async function readCut({ switchNetns }: LabRecord, { port }: HostRecord): Promise<CutDirection | undefined> {
  if (!isMounted(switchNetns)) return undefined;
  const table = await inNetns(switchNetns, ["nft", "list", "table", "bridge", "lab"]);
  const isIn = (set: string) => new RegExp(`set ${set} \\{[^}]*elements = \\{[^}]*"${port}"`).test(table);
  if (isIn("cut_in")) return isIn("cut_out") ? "both" : "in";
  return isIn("cut_out") ? "out" : undefined;
}

/** A name can outlive its namespace, for example where it was made in another mount namespace that is gone. */
function isMounted(netns: string): boolean {
  return netnsExists(netns) && statfsSync(join("/run/netns", netns)).type === nsfsMagic;
}

/** From linux/magic.h. */
const nsfsMagic = 0x6e736673;

/** The same at every boot, as a real card's. */
function hardwareAddress(address: string): string {
  const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["02", "4d", ...bytes].join(":");
}

function ip(...args: readonly string[]): Promise<string> {
  return runSystemTool(["ip", ...args]);
}

function inNetns(netns: string, argv: readonly string[], stdin?: string): Promise<string> {
  return runSystemTool(["nsenter", `--net=/run/netns/${netns}`, ...argv], stdin);
}

/** Two that clean up the same lab at once both find it removed in the end. */
function ignoreMissing(error: Error): void {
  if (!/No such file or directory|Cannot find device|Cannot open network namespace/.test(error.message)) throw error;
}
