/** What kind of value a flag takes. `texts` may be repeated, or hold several names with commas between. */
export type FlagKind = "boolean" | "text" | "texts" | "duration" | "integer" | "choice";

/** One flag of a command. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  readonly kind: FlagKind;
  /** What stands for the value in the help, for example `path`. */
  readonly value?: string;
  /** The values of a `choice`. */
  readonly choices?: readonly string[];
  readonly help: string;
  /** Shown in the help; the command itself applies it. */
  readonly default?: string;
  /** Variable that gives the value when the flag is absent. */
  readonly env?: string;
}

/** One positional argument of a command. */
export interface Argument {
  readonly name: string;
  readonly help: string;
  readonly isOptional?: boolean;
  readonly isMany?: boolean;
  readonly choices?: readonly string[];
  /** Completed by shells, where anything else is taken too. */
  readonly suggestions?: readonly string[];
}
