import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

const HELLO = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "examples", version: "1" } },
});

/** What can't be had in a test: a collector on the internet, and an agent's program, which starts what it is told to add. */
const SHIMS: Readonly<Record<string, string>> = {
  curl: "exec cat\n",
  less: "exec cat\n",
  claude: `while [ "$1" != -- ]; do shift; done\nshift\nprintf '%s\\n' '${HELLO}' | "$@"\n`,
};

/** Writes them into a folder of programs. */
export async function writeShims(folder: string): Promise<void> {
  for (const [name, script] of Object.entries(SHIMS)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}`);
    await chmod(join(folder, name), 0o755);
  }
}
