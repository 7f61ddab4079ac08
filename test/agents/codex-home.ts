import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentHome } from "./real-agent.ts";

/** A home in which Codex speaks to the model server and asks no leave. */
export const codexHome: AgentHome = codexHomeWith({ approvalPolicy: "never", sandboxMode: "danger-full-access" });

/** The same with other rules, and with more of the user's own at the end of the configuration. */
export function codexHomeWith(rules: { approvalPolicy: string; sandboxMode: string; more?: string }): AgentHome {
  return {
    async prepare(home, model, workingDirectory) {
      const folder = join(home, ".codex");
      await mkdir(folder);
      await writeFile(join(folder, "config.toml"), configuration(`${model.url}/v1`, workingDirectory, rules));
      return { CODEX_HOME: folder, STUB_API_KEY: "none" };
    },
  };
}

// Plugins, apps and the check for updates ask hosts outside.
function configuration(url: string, workingDirectory: string, rules: Parameters<typeof codexHomeWith>[0]): string {
  return `model = "stub-model"
model_provider = "stub"
approval_policy = "${rules.approvalPolicy}"
sandbox_mode = "${rules.sandboxMode}"
check_for_update_on_startup = false
[model_providers.stub]
name = "stub"
base_url = "${url}"
wire_api = "responses"
env_key = "STUB_API_KEY"
requires_openai_auth = false
supports_websockets = false
[projects."${workingDirectory}"]
trust_level = "trusted"
[features]
plugins = false
apps = false
[analytics]
enabled = false
[feedback]
enabled = false
${rules.more ?? ""}`;
}
