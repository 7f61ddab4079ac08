import type { Agent } from "@mosaic/wire";

/** The rows of one host as a text that two sets of rows have in common only when they are the same. */
export function rowsText(rows: readonly Pick<Agent, "name" | "state" | "stateDetail">[]): string {
  return rows
    .map(({ name, state, stateDetail }) => `${name} ${state} ${stateDetail}`)
    .sort()
    .join("\n");
}
