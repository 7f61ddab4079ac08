import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentHome } from "./real-agent.ts";

/** A home in which opencode speaks to the model server, and asks before it runs a command. */
export const opencodeHome: AgentHome = {
  async prepare(home, model) {
    const folder = join(home, ".config/opencode");
    // opencode installs its plugin library here from npm, unless a lock file says that it is there; ours doesn't need it.
    await mkdir(join(folder, "node_modules"), { recursive: true });
    const manifest = { dependencies: { "@opencode-ai/plugin": "1.18.33" } };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    await writeFile(join(folder, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, packages: { "": manifest } }));
    const provider = {
      npm: "@ai-sdk/openai-compatible",
      name: "Stub",
      options: { baseURL: `${model.url}/v1`, apiKey: "none" },
      models: { "stub-model": { name: "Stub Model", limit: { context: 200_000, output: 8192 } } },
    };
    const settings = {
      ...{ autoupdate: false, share: "disabled", permission: { bash: "ask" } },
      ...{ model: "stub/stub-model", small_model: "stub/stub-model", enabled_providers: ["stub"], provider: { stub: provider } },
    };
    await writeFile(join(folder, "opencode.json"), JSON.stringify(settings));
    return {
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
      OPENCODE_DISABLE_SHARE: "1",
    };
  },
};
