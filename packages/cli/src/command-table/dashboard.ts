import type { Command } from "../command.ts";

/** `mosaic dashboard` */
export const dashboardCommands: readonly Command[] = [
  {
    path: ["dashboard"],
    summary: "shows the fleet on the whole terminal, to look at, send to and answer",
    description: [
      "One line per agent, kept up to date, and a line for every host that is not as it should be, filter or not. Enter shows an agent with its live screen; keys that are pressed there do not reach it.",
      "Keys: ↑ ↓ or k j select, Enter looks, s sends a message and shows its receipt, a answers what an agent asks leave for (y allows, n denies), / filters by words, Esc goes one step back, ? lists the keys, q quits.",
      "A message goes to the agent that was selected when it was begun, or to nobody; the same holds for an answer and the request that was shown.",
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "all-hosts", kind: "boolean", help: "every host of the fleet, not only this one" },
      { name: "tenant", kind: "texts", value: "names", help: "only these tenants" },
      { name: "host", kind: "texts", value: "names", help: "only these hosts, by name or host id" },
    ],
    examples: [
      { line: "mosaic dashboard --all-hosts", does: "the whole fleet" },
      { line: "mosaic dashboard --all-hosts --tenant team-a", does: "one tenant's part of it" },
    ],
    schema: undefined,
    load: () => import("../commands/dashboard/dashboard.ts"),
  },
];
