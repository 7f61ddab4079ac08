/** A file that should be on the host. */
export interface PlannedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}
