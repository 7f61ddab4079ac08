import type { RunTool } from "../local/run-tool.ts";
import type { Layout } from "./layout.ts";

/** What installing a version needs of the machine. */
export interface InstallWorld {
  readonly layout: Layout;
  readonly runTool: RunTool;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Tells what takes a while. */
  readonly say: (line: string) => void;
}
