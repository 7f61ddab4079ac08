import { frameworkFile, type PlannedFile, type UnitSite } from "@mosaic/lifecycle";
import { readFramework } from "../local/read-framework.ts";

/** What the launch lines of this program name on the host: the hooks, plugins and extensions of the runtimes. A copy that an
 *  older program left has others, or none, and an agent whose line names what is not there is deaf or does not start at all. */
export async function runtimeFiles(site: UnitSite): Promise<PlannedFile[]> {
  const shipped = await readFramework();
  return [...shipped].filter(([path]) => path.startsWith("runtimes/")).map(([path, text]) => frameworkFile(path, text, site));
}
