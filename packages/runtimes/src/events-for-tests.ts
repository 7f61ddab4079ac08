/** Events as the runtimes' hooks, plugins and extensions write them; those of one mean nothing to the others. */
export const samples: readonly unknown[] = [
  { event: "session_start", sessionId: "s", reason: "startup", transcriptPath: "/t.jsonl" },
  { event: "accepted", sessionId: "s", turnId: "t", text: "hello" },
  { event: "accepted", sessionId: "s", turnId: "t", isCut: true },
  { event: "agent_end", sessionId: "s", turnIds: ["t", "u"] },
  { event: "broken", sessionId: "s", turnIds: ["t"], reason: "429 rate limit", isInterrupted: false },
  { event: "failed", sessionId: "s", reason: "401" },
  { event: "asked", sessionId: "s", requestId: "per_1", tool: "bash", summary: "ls\n-l" },
  { event: "replied", sessionId: "s", requestId: "per_1", reply: "once" },
  { event: "retry", sessionId: "s", reason: "overloaded" },
  { event: "idle", sessionId: "s", turnIds: ["t"] },
  { hook_event_name: "SessionStart", session_id: "s", transcript_path: "/t.jsonl", source: "startup" },
  { hook_event_name: "UserPromptSubmit", session_id: "s", prompt: "hello", prompt_id: "p", turn_id: "t" },
  {
    hook_event_name: "PermissionRequest",
    session_id: "s",
    tool_name: "Bash",
    tool_input: { command: "ls\n-l" },
    mosaic_request_id: "r",
  },
  { hook_event_name: "Stop", session_id: "s", prompt_id: "p", turn_id: "t", last_assistant_message: "done" },
  { hook_event_name: "StopFailure", session_id: "s", prompt_id: "p", error: "rate_limit" },
  { type: "user", uuid: "u", message: { role: "user", content: "hello" } },
  { type: "queue-operation", operation: "enqueue", content: "hello" },
  { type: "attachment", attachment: { type: "queued_command", prompt: "hello" } },
  { type: "event_msg", payload: { type: "user_message", message: "hello" } },
];

/** Any JSON value, some of whose names and words are those of real events. */
export function randomJson(random: () => number, depth: number): unknown {
  const leaves = [null, true, false, 0, -1, 1e99, "", "hello", "accepted", "Stop", "UserPromptSubmit", "\u0000\n", "é🦑"];
  if (depth === 0 || random() < 0.3) return pick(leaves, random);
  const size = Math.floor(random() * 5);
  if (random() < 0.3) return Array.from({ length: size }, () => randomJson(random, depth - 1));
  return Object.fromEntries(Array.from({ length: size }, () => [pick(NAMES, random), randomJson(random, depth - 1)]));
}

/** An event of which one or two fields, at any depth, are another value, gone, or swapped for each other's. */
export function mutated(value: unknown, random: () => number): unknown {
  if (typeof value !== "object" || value === null) return randomJson(random, 2);
  const entries = Object.entries(value).map(([name, field]): [string, unknown] => {
    if (random() < 0.75) return [name, field];
    return random() < 0.3 ? [pick(NAMES, random), field] : [name, mutated(field, random)];
  });
  const kept = entries.filter(() => random() < 0.95);
  return Array.isArray(value) ? kept.map(([, field]) => field) : Object.fromEntries(kept);
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T;
}

/** Every text in a value, at any depth. */
export function stringsIn(value: unknown): ReadonlySet<string> {
  if (typeof value === "string") return new Set([value]);
  if (typeof value !== "object" || value === null) return new Set();
  return new Set(Object.values(value).flatMap((field) => [...stringsIn(field)]));
}

const NAMES = [...new Set(samples.flatMap((sample) => namesIn(sample)))];

function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, field]) => [name, ...namesIn(field)]);
}
