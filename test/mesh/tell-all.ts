import type { TestContext } from "node:test";

/** Wraps a test that has things to dispose: when it fails and its clean-up too, the error says both, where a bare
 *  SuppressedError would say neither. */
export function tellAll(work: (context: TestContext) => Promise<void>): (context: TestContext) => Promise<void> {
  return async (context) => {
    try {
      await work(context);
    } catch (thrown) {
      const errors = unfold(thrown);
      if (errors.length === 1) throw thrown;
      throw new Error(errors.map((error) => (error instanceof Error ? error.stack : String(error))).join("\n-- and then --\n"), {
        cause: thrown,
      });
    }
  };
}

/** The errors in the order in which they happened. */
function unfold(thrown: unknown): unknown[] {
  return thrown instanceof SuppressedError ? [...unfold(thrown.suppressed), ...unfold(thrown.error)] : [thrown];
}
