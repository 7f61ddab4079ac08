import type { Clock } from "@mosaic/core";
import type { BusConnection } from "./bus-connection.ts";
import { listUnitFiles, readUnitFolders } from "./manager-calls.ts";
import { createMatcher, templateOf } from "./unit-names.ts";
import { findWantedUnits, type LinkStrength } from "./wants-folders.ts";

/** Which units start by themselves, for one set of patterns. */
export interface EnabledUnits {
  /** UnitFileState of a unit; empty when there is no file for it. */
  stateOf(unit: string): string;
  /** Names of all units that fit the patterns and are enabled. */
  readonly enabled: readonly string[];
}

export interface EnablementOptions {
  readonly bus: BusConnection;
  readonly runtimeDirectory: string;
  readonly clock: Clock;
}

/** A memory of what is enabled. It is made anew, by two calls and a look at the unit folders, after `forget` and once it is
 *  60 s old, because links can be changed without systemd being told. */
export interface Enablement {
  /** @throws BusError, ConnectionLost, MosaicError MACHINE */
  read(patterns: readonly string[]): Promise<EnabledUnits>;
  forget(): void;
}

export function createEnablement(options: EnablementOptions): Enablement {
  const memory = new Map<string, { readonly readAtMs: number; readonly reading: Promise<EnabledUnits> }>();
  return {
    read(patterns) {
      const key = patterns.join("\n");
      const known = memory.get(key);
      const nowMs = options.clock.monotonicMs();
      if (known !== undefined && nowMs - known.readAtMs < RECHECK_AFTER_MS) return known.reading;
      if (memory.size >= MOST_PATTERN_SETS) memory.clear();
      const reading = readEnabled(options, patterns);
      const entry = { readAtMs: nowMs, reading };
      memory.set(key, entry);
      // A failure is for those who wait now; the next one asks anew.
      reading.catch(() => memory.get(key) === entry && memory.delete(key));
      return reading;
    },
    forget: () => memory.clear(),
  };
}

/** Signals tell of every change made through systemd; this bounds how long one made behind its back stays unseen. */
export const RECHECK_AFTER_MS = 60_000;
/** A daemon asks for one or two; this only keeps a mistake from growing. */
const MOST_PATTERN_SETS = 16;

async function readEnabled({ bus, runtimeDirectory }: EnablementOptions, patterns: readonly string[]): Promise<EnabledUnits> {
  const templates = patterns.map(templateOf).filter((template) => template !== undefined);
  const [files, folders] = await Promise.all([
    listUnitFiles(bus, [...new Set([...patterns, ...templates])]),
    readUnitFolders(bus),
  ]);
  return judgeEnabled(
    patterns,
    new Map(files.map(({ unit, state }) => [unit, state])),
    await findWantedUnits(folders, runtimeDirectory),
  );
}

/** Joins unit files with links to what systemd would answer for each single unit.
 *  @param files state by name of unit file, the templates' among them
 *  @param wanted links by name of unit */
export function judgeEnabled(
  patterns: readonly string[],
  files: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, LinkStrength>,
): EnabledUnits {
  const stateOf = (unit: string) => {
    const own = files.get(unit);
    if (own !== undefined) return own;
    const template = files.get(templateOf(unit) ?? "");
    // A link to a unit without a file is a left-over of something that is gone.
    if (template === undefined) return "";
    if (template.startsWith("masked")) return template;
    // What the template's own state says of other instances (`enabled`, `indirect`) is not true of this one.
    return wanted.get(unit) ?? (OF_ALL_INSTANCES.has(template) ? template : "disabled");
  };
  const fits = createMatcher(patterns);
  const candidates = new Set([...files.keys(), ...wanted.keys()]);
  const enabled = [...candidates].filter((unit) => fits(unit) && !isTemplate(unit) && stateOf(unit).startsWith("enabled"));
  return { stateOf, enabled };
}

const OF_ALL_INSTANCES: ReadonlySet<string> = new Set(["static", "generated", "transient", "bad"]);

function isTemplate(unit: string): boolean {
  return /@\.[^.]*$/.test(unit);
}
