import type { Flag } from "./declared.ts";

/** One value as it was given; which type it has follows from the flag's kind. */
export type FlagValue = boolean | string | number | readonly string[];

/** The flags of one command line, read by name. Asking for a flag that the command does not declare, or as another kind, is
 *  a bug and throws. */
export class FlagValues {
  readonly #flags: ReadonlyMap<string, Flag>;
  readonly #values: ReadonlyMap<string, FlagValue>;
  readonly #typed: ReadonlySet<string>;

  /** @param typed which of the values came from the command line rather than from a variable */
  constructor(flags: readonly Flag[], values: ReadonlyMap<string, FlagValue>, typed: ReadonlySet<string>) {
    this.#flags = new Map(flags.map((flag) => [flag.name, flag]));
    this.#values = values;
    this.#typed = typed;
  }

  /** True when the flag stands on the command line. */
  wasTyped(name: string): boolean {
    return this.#typed.has(name);
  }

  /** False when not given. */
  boolean(name: string): boolean {
    return this.#read(name, ["boolean"]) === true;
  }

  /** A `text` or a `choice`. */
  text(name: string): string | undefined {
    return this.#read(name, ["text", "choice"]) as string | undefined;
  }

  /** Empty when not given. */
  texts(name: string): readonly string[] {
    return (this.#read(name, ["texts"]) as readonly string[] | undefined) ?? [];
  }

  integer(name: string): number | undefined {
    return this.#read(name, ["integer"]) as number | undefined;
  }

  durationMs(name: string): number | undefined {
    return this.#read(name, ["duration"]) as number | undefined;
  }

  #read(name: string, kinds: readonly Flag["kind"][]): FlagValue | undefined {
    const flag = this.#flags.get(name);
    if (!flag || !kinds.includes(flag.kind)) throw new Error(`no flag --${name} of kind ${kinds.join(" or ")} is declared`);
    return this.#values.get(name);
  }
}
