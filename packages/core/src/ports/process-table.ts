/** What the kernel tells of one process. */
export interface ProcessFacts {
  readonly pid: number;
  /** Path of the executable; empty when it can't be read. */
  readonly executable: string;
  /** The kernel's short name (at most 15 bytes). */
  readonly command: string;
  readonly arguments: readonly string[];
  /** Start time in the kernel's ticks since boot: with the pid it names a process for good. */
  readonly startTicks: number;
}

/** Looks up processes without starting any. */
export interface ProcessTable {
  /** The process, or undefined when it is gone, is a zombie, or this system has no such table. */
  read(pid: number): ProcessFacts | undefined;
  /** Direct children of a process, in no promised order. */
  childrenOf(pid: number): readonly ProcessFacts[];
  /** When a process started, in ms of the host's wall clock, to about 10 ms. Absent, or undefined: it can't be told. */
  startedUnixMs?(process: ProcessFacts): number | undefined;
}
