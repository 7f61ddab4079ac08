import type { CommandDeps, Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import type { Baseline } from "./baseline.ts";

/** What the collectors of evidence are handed. */
export interface GateQuestion {
  readonly globals: Invocation["globals"];
  readonly io: Io;
  readonly deps: CommandDeps;
  readonly timeoutMs: number;
}

/** One part of the evidence. */
export interface EvidencePart {
  /** What the names of its checks begin with. */
  readonly parts: readonly string[];
  /** Looks, and changes nothing.
   *  @returns its checks as a baseline would hold them; a sentence: there is nothing of that kind here
   *  @throws MosaicError when it can't be looked at */
  collect(question: GateQuestion): Promise<Baseline | string>;
}
