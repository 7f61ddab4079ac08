import { appendFileSync } from "node:fs";
import type { TestContext } from "node:test";

/** Publishes what a test measured: as a line of its report, and to the file that MOSAIC_TEST_FIGURES names. */
export function publishFigures(context: TestContext, figures: Readonly<Record<string, unknown>>): void {
  const line = JSON.stringify(figures);
  context.diagnostic(line);
  const path = process.env["MOSAIC_TEST_FIGURES"];
  if (path !== undefined) appendFileSync(path, `${line}\n`);
}
