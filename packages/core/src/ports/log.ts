/** Where a daemon says what it does. Fields are flat; never secrets, never prompt text. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** False: what is said at that level is not written, so that nobody need find the words. Absent: it is. */
  isLevelEnabled?(level: "debug"): boolean;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false };
