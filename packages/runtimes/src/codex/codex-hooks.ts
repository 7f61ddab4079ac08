import { createHash } from "node:crypto";
import type { LaunchContext } from "../contract.ts";
import { hookCommand, LEAVE_TIMEOUT_S } from "../hook-command.ts";

/** What is heard of Codex, and how long the hook may take, in seconds: Codex cuts the last two to 3. */
const EVENTS: readonly (readonly [event: string, timeoutS: number])[] = [
  ["SessionStart", 10],
  ["UserPromptSubmit", 10],
  ["PreToolUse", 10],
  ["PostToolUse", 10],
  ["PermissionRequest", LEAVE_TIMEOUT_S],
  ["Stop", 10],
  ["Interrupt", 3],
  ["SessionEnd", 3],
];

/** The arguments that add our hooks to those of the user, for one launch. Codex runs only hooks that somebody trusts, and knows
 *  them by a hash of their definition: that trust is said here too, for these hooks alone, so that no file of the user's changes
 *  and none of the user's hooks is trusted that was not before. The layer of the launch line is called `<session-flags>`. */
export function codexHookArguments({ frameworkDirectory }: Pick<LaunchContext, "frameworkDirectory">): string[] {
  const hooks = EVENTS.map(([event, timeout]) => ({ event, timeout, command: hookCommand(frameworkDirectory, "codex", event) }));
  const definitions = hooks.flatMap(({ event, command, timeout }) => [
    "-c",
    `hooks.${event}=[{hooks=[{type="command",command=${tomlString(command)},timeout=${timeout}}]}]`,
  ]);
  const trusted = hooks.map(({ event, command, timeout }) => {
    const key = `/<session-flags>/config.toml:${snakeCase(event)}:0:0`;
    return `${tomlString(key)}={trusted_hash=${tomlString(trustedHash(snakeCase(event), command, timeout))}}`;
  });
  return [...definitions, "-c", `hooks.state={${trusted.join(",")}}`];
}

/** The hash by which Codex knows a hook: SHA-256 of its definition as JSON, without blanks, keys in order. Measured against its
 *  own `hooks/list`; a release that counts otherwise asks at its start whether to trust the hooks. */
function trustedHash(eventName: string, command: string, timeout: number): string {
  const definition = { event_name: eventName, hooks: [{ async: false, command, timeout, type: "command" }] };
  return `sha256:${createHash("sha256").update(JSON.stringify(definition)).digest("hex")}`;
}

function snakeCase(event: string): string {
  return event.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

// JSON's escapes are TOML's too, but for the slash, which stringify leaves alone, and DEL, which TOML wants escaped.
function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}
