import type { LaunchContext } from "../contract.ts";
import { hookCommand, LEAVE_TIMEOUT_S } from "../hook-command.ts";

/** What is heard of Claude Code, each by one call of the hook. */
const EVENTS = [
  "SessionStart",
  "UserPromptSubmit",
  "PreToolUse",
  "PostToolUse",
  "PostToolUseFailure",
  "PermissionRequest",
  "Notification",
  "Stop",
  "StopFailure",
  "SessionEnd",
] as const;

/** A hook takes a few ms; one that hangs on a dead disk must not hold the agent for the runtime's own minute. */
const TIMEOUT_S = 10;

/** The settings that the launch line adds to those of the user, who keeps every hook of theirs: Claude Code runs both.
 *  Suggestions of a next prompt are switched off because they stand in the composer and look like a draft. */
export function claudeSettings({ frameworkDirectory }: Pick<LaunchContext, "frameworkDirectory">): string {
  const hooks = EVENTS.map((event) => {
    const timeout = event === "PermissionRequest" ? LEAVE_TIMEOUT_S : TIMEOUT_S;
    const command = hookCommand(frameworkDirectory, "claude", event);
    return [event, [{ hooks: [{ type: "command", command, timeout }] }]] as const;
  });
  return JSON.stringify({ promptSuggestionEnabled: false, hooks: Object.fromEntries(hooks) });
}
