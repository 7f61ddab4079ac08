import { MosaicError, type UnitControl, type UnitFacts, type UnitReading, type UnitTable } from "@mosaic/core";

/** A `systemd --user` in memory. Events come in a later turn, as from a real one. */
export class FakeUnits implements UnitTable, UnitControl {
  readonly #units = new Map<string, UnitFacts>();
  readonly #listeners = new Set<() => void>();
  /** Why there is no systemd; undefined: there is one. */
  absent: string | undefined;
  /** While set, every call throws it. */
  failure: Error | undefined;
  /** Holds every reading until it resolves, as a systemd that is busy does. */
  beforeRead: () => Promise<void> = async () => {};
  /** Runs while a unit is being started; lets a test start the agent, or fail. */
  onStart: (unit: string) => void | Promise<void> = () => {};
  /** Runs while a unit is being stopped. */
  onStop: (unit: string) => void | Promise<void> = () => {};
  /** How often units were read. */
  readCount = 0;
  /** What was asked to be changed, oldest first: `start mosaic-agent@lead.service`, `reload`, … */
  readonly calls: string[] = [];

  /** Says what systemd tells of a unit, over what it told before; a unit that was not known is active and enabled. */
  set(unit: string, fields: Partial<Omit<UnitFacts, "unit">> = {}): void {
    this.#units.set(unit, { ...(this.#units.get(unit) ?? runningUnit(unit)), ...fields });
    this.#changed();
  }

  /** Lets systemd forget a unit. */
  remove(unit: string): void {
    if (this.#units.delete(unit)) this.#changed();
  }

  /** What is told of a unit now; undefined: it is not known. */
  facts(unit: string): UnitFacts | undefined {
    return this.#units.get(unit);
  }

  /** Says that something changed when nothing did. */
  pokeListeners(): void {
    this.#changed();
  }

  async read(patterns: readonly string[], _signal: AbortSignal): Promise<UnitReading> {
    this.readCount += 1;
    await this.beforeRead();
    if (this.failure) throw this.failure;
    if (this.absent !== undefined) return { kind: "absent", reason: this.absent };
    const fits = (unit: string) => patterns.some((pattern) => matches(pattern, unit));
    return { kind: "units", units: [...this.#units.values()].filter((facts) => fits(facts.unit)) };
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async version(_signal: AbortSignal): Promise<number> {
    this.#assertThere();
    return 252;
  }

  async start(unit: string, _signal: AbortSignal): Promise<void> {
    this.#call(`start ${unit}`);
    await this.onStart(unit);
    this.#change(unit, { active: "active", sub: "running", result: "success", restarts: 0 });
  }

  async stop(unit: string, _signal: AbortSignal): Promise<void> {
    this.#call(`stop ${unit}`);
    await this.onStop(unit);
    if (this.#units.has(unit)) this.#change(unit, { active: "inactive", sub: "dead", mainPid: 0 });
  }

  async restart(unit: string, _signal: AbortSignal): Promise<void> {
    this.#call(`restart ${unit}`);
    await this.onStop(unit);
    await this.onStart(unit);
    this.#change(unit, { active: "active", sub: "running", result: "success", restarts: 0 });
  }

  async resetFailed(unit: string, _signal: AbortSignal): Promise<void> {
    this.#call(`reset-failed ${unit}`);
    const facts = this.#units.get(unit);
    if (!facts) return;
    this.#change(unit, {
      restarts: 0,
      result: "success",
      ...(facts.active === "failed" ? { active: "inactive", sub: "dead" } : {}),
    });
  }

  async reload(_signal: AbortSignal): Promise<void> {
    this.#call("reload");
  }

  async enable(units: readonly string[], _signal: AbortSignal): Promise<void> {
    this.#call(`enable ${units.join(" ")}`);
    for (const unit of units) this.#change(unit, { enabled: "enabled" });
  }

  async disable(units: readonly string[], _signal: AbortSignal): Promise<void> {
    this.#call(`disable ${units.join(" ")}`);
    for (const unit of units) if (this.#units.has(unit)) this.#change(unit, { enabled: "disabled" });
  }

  #change(unit: string, fields: Partial<UnitFacts>): void {
    const known = this.#units.get(unit) ?? { ...runningUnit(unit), active: "inactive", sub: "dead", enabled: "disabled" };
    this.#units.set(unit, { ...known, ...fields });
    this.#changed();
  }

  #call(what: string): void {
    this.calls.push(what);
    this.#assertThere();
  }

  #assertThere(): void {
    if (this.failure) throw this.failure;
    if (this.absent !== undefined) throw new MosaicError("NO_SYSTEMD", `no systemd user manager answers: ${this.absent}`);
  }

  #changed(): void {
    queueMicrotask(() => {
      for (const listener of [...this.#listeners]) listener();
    });
  }
}

function runningUnit(unit: string): UnitFacts {
  return { unit, active: "active", sub: "running", enabled: "enabled", result: "success", restarts: 0, mainPid: 0 };
}

function matches(pattern: string, unit: string): boolean {
  const [start = "", end] = pattern.split("*");
  if (end === undefined) return unit === pattern;
  return unit.length >= start.length + end.length && unit.startsWith(start) && unit.endsWith(end);
}
