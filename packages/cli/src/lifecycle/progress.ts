import type { Outcome } from "@mosaic/lifecycle";
import type { Io } from "../io/io.ts";

/** Shows on a terminal how far a command has come; says nothing elsewhere. Disposing wipes it away. */
export function showProgress(verb: string, total: number, io: Io): Disposable & { done(outcome: Outcome): void } {
  let count = 0;
  const isShown = io.stderr.isTerminal && total > 1;
  const draw = (name: string) => isShown && io.stderr.write(`\r\x1b[K${verb} ${count}/${total} ${name}`);
  draw("");
  return {
    done({ name }) {
      count += 1;
      draw(name);
    },
    [Symbol.dispose]() {
      if (isShown) io.stderr.write("\r\x1b[K");
    },
  };
}
