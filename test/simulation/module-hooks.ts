import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** A change of one place in our own source, made to see that a checker notices. */
export interface SourcePatch {
  /** From the root of the clone. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const root = new URL("../../", import.meta.url).href;

/** Prepares this process for simulated worlds: servers take calls from the simulated network instead of sockets, and the sources
 *  are changed as a mutant asks. Call it before anything of the product is imported.
 *  @throws Error for a patch that does not fit the source */
export function installModuleHooks(patches: readonly SourcePatch[]): void {
  const patched = new Map<string, string>();
  for (const patch of patches) {
    const url = new URL(patch.file, root).href;
    patched.set(url, applyPatch(patched.get(url) ?? readFileSync(fileURLToPath(url), "utf8"), patch));
  }
  registerHooks({
    resolve(specifier, context, next) {
      const isServer = specifier.endsWith("/serve-fleet.ts") && context.parentURL === `${root}packages/rpc/src/index.ts`;
      return next(isServer ? `${root}test/simulation/serve-in-memory.ts` : specifier, context);
    },
    load(url, context, next) {
      const source = patched.get(url);
      return source === undefined ? next(url, context) : { format: "module-typescript", source, shortCircuit: true };
    },
  });
}

/** @throws Error unless the place to change is there exactly once */
export function applyPatch(source: string, { file, find, replace }: SourcePatch): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file}: the text to change is there ${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}
