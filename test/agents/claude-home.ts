import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentHome } from "./real-agent.ts";

/** A home in which Claude Code speaks to the model server, was started before, and trusts the working directory. */
export const claudeHome: AgentHome = claudeHomeWith({ permissions: { allow: ["Bash"] } });

/** The same with settings of the user's. */
export function claudeHomeWith(settings: object): AgentHome {
  return {
    async prepare(home, model, workingDirectory) {
      await mkdir(join(home, ".claude"));
      const project = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
      const state = {
        ...{ hasCompletedOnboarding: true, theme: "dark", autoUpdates: false, numStartups: 5 },
        projects: { [workingDirectory]: project },
      };
      await writeFile(join(home, ".claude.json"), JSON.stringify(state));
      await writeFile(join(home, ".claude/settings.json"), JSON.stringify(settings));
      return {
        ...{ ANTHROPIC_BASE_URL: model.url, ANTHROPIC_AUTH_TOKEN: "none", ANTHROPIC_MODEL: "claude-sonnet-4-5" },
        CLAUDE_CODE_MAX_RETRIES: "0",
        ...{ DISABLE_AUTOUPDATER: "1", DISABLE_TELEMETRY: "1", DISABLE_ERROR_REPORTING: "1" },
        ...{ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: "1" },
      };
    },
  };
}
