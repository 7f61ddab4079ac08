import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentHome } from "./real-agent.ts";

/** A home in which opencode speaks to the model server, and asks before it runs a command. */
export const opencodeHome: AgentHome = {
  async prepare(home, model) {
    const folder = join(home, ".config/opencode");
    await mkdir(folder, { recursive: true });
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
