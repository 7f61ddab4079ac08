import { statSync } from "node:fs";
import { homedir } from "node:os";
import { buildPath } from "@mosaic/runtimes";
import type { Io } from "../io/io.ts";
import { npmPrefixOf } from "./npm-prefix.ts";

/** What a detached pane has when nobody is logged in, where the caller's own `PATH` says less. */
const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Makes the `PATH` that this host's agents get. */
export async function agentPath(io: Io): Promise<string> {
  const homeDirectory = io.env["HOME"] || homedir();
  const fromEnvironment = io.env["npm_config_prefix"] || io.env["NPM_CONFIG_PREFIX"];
  return buildPath(
    {
      inheritedPath: SYSTEM_PATH,
      homeDirectory,
      override: io.env["MOSAIC_AGENT_PATH"],
      npmPrefix: fromEnvironment || (await npmPrefixOf(homeDirectory)),
    },
    (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
  );
}
