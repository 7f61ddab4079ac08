import { MosaicError } from "@mosaic/core";
import type { BusConnection } from "./bus-connection.ts";

/** A unit that systemd holds in memory. */
export interface LoadedUnit {
  readonly unit: string;
  /** Its D-Bus object. */
  readonly path: string;
  /** LoadState: `loaded`, `not-found`, `masked`, … */
  readonly load: string;
  readonly active: string;
  readonly sub: string;
}

/** A unit file: a unit's own or a template's. Instances have none, unless one was made by hand. */
export interface UnitFile {
  readonly unit: string;
  /** UnitFileState: `enabled`, `disabled`, `static`, `masked`, … */
  readonly state: string;
}

export const MANAGER = "org.freedesktop.systemd1.Manager";
const MANAGER_PATH = "/org/freedesktop/systemd1";

/** Calls a method of systemd's manager object, and answers with the values of the reply.
 *  @throws BusError, ConnectionLost */
export function callManager(bus: BusConnection, member: string, signature?: string, ...body: readonly unknown[]) {
  return bus.call({ path: MANAGER_PATH, interface: MANAGER, member, signature, body });
}

/** Lists the loaded units that fit the patterns; without patterns, all.
 *  @throws BusError, ConnectionLost, MosaicError MACHINE */
export async function listLoadedUnits(bus: BusConnection, patterns: readonly string[]): Promise<readonly LoadedUnit[]> {
  const [rows] = await callManager(bus, "ListUnitsByPatterns", "asas", [], patterns);
  return asArray(rows).map((row) => {
    const [unit, , load, active, sub, , path] = asArray(row);
    return { unit: asText(unit), path: asText(path), load: asText(load), active: asText(active), sub: asText(sub) };
  });
}

/** Lists the unit files whose own name fits the patterns, which is no instance's.
 *  @throws BusError, ConnectionLost, MosaicError MACHINE */
export async function listUnitFiles(bus: BusConnection, patterns: readonly string[]): Promise<readonly UnitFile[]> {
  const [rows] = await callManager(bus, "ListUnitFilesByPatterns", "asas", [], patterns);
  return asArray(rows).map((row) => {
    const [path, state] = asArray(row).map(asText);
    return { unit: asText(path?.slice(path.lastIndexOf("/") + 1)), state: asText(state) };
  });
}

/** The folders in which systemd looks for unit files, most important first.
 *  @throws BusError, ConnectionLost, MosaicError MACHINE */
export async function readUnitFolders(bus: BusConnection): Promise<readonly string[]> {
  return asArray(await readProperty(bus, MANAGER_PATH, MANAGER, "UnitPath")).map(asText);
}

/** systemd's version as it tells it, for example `252.38-1~deb12u1`.
 *  @throws BusError, ConnectionLost, MosaicError MACHINE */
export async function readVersion(bus: BusConnection): Promise<string> {
  return asText(await readProperty(bus, MANAGER_PATH, MANAGER, "Version"));
}

/** One property of a unit; asking makes systemd load a unit that it does not hold.
 *  @param path the unit's object
 *  @param section `Unit`, `Service`, …
 *  @throws BusError, ConnectionLost */
export function readUnitProperty(bus: BusConnection, path: string, section: string, property: string): Promise<unknown> {
  return readProperty(bus, path, `org.freedesktop.systemd1.${section}`, property);
}

async function readProperty(bus: BusConnection, path: string, name: string, property: string): Promise<unknown> {
  const body = [name, property];
  const [value] = await bus.call({ path, interface: "org.freedesktop.DBus.Properties", member: "Get", signature: "ss", body });
  return value;
}

/** @throws MosaicError MACHINE for what is no text */
export function asText(value: unknown): string {
  if (typeof value === "string") return value;
  throw strange(value);
}

/** @throws MosaicError MACHINE for what is no number */
export function asNumber(value: unknown): number {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  throw strange(value);
}

function asArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw strange(value);
}

function strange(value: unknown): MosaicError {
  return new MosaicError("MACHINE", `systemd answered with a value that is not understood: ${typeof value}`);
}
