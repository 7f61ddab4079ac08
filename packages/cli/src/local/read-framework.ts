import { readTree } from "@mosaic/host";
import { locateFramework } from "./installation.ts";

/** Reads what of `framework/` is copied to a host: everything but the tests that lie beside it in a clone.
 *  @returns text by path below `framework/` */
export function readFramework(): Promise<ReadonlyMap<string, string>> {
  return readTree(locateFramework(), (path) => !/\.test\.\w+$|(^|\/)test-[^/]*$/.test(path));
}
