import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentHome } from "./real-agent.ts";

/** A home in which pi speaks to the model server. */
export const piHome: AgentHome = {
  async prepare(home, model) {
    const folder = join(home, ".pi/agent");
    await mkdir(folder, { recursive: true });
    const provider = {
      baseUrl: `${model.url}/v1`,
      api: "openai-completions",
      apiKey: "none",
      compat: { supportsDeveloperRole: false, supportsReasoningEffort: false },
      models: [{ id: "stub-model", contextWindow: 200_000, maxTokens: 8192 }],
    };
    const settings = {
      ...{ defaultProvider: "stub", defaultModel: "stub-model", defaultThinkingLevel: "off" },
      ...{ enableInstallTelemetry: false, quietStartup: true, collapseChangelog: true },
    };
    await writeFile(join(folder, "models.json"), JSON.stringify({ providers: { stub: provider } }));
    await writeFile(join(folder, "settings.json"), JSON.stringify(settings));
    return { PI_OFFLINE: "1", PI_TELEMETRY: "0", PI_SKIP_VERSION_CHECK: "1" };
  },
};
