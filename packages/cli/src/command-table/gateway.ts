import type { Command } from "../command.ts";

/** `mosaic gateway …` */
export const gatewayCommands: readonly Command[] = [
  {
    path: ["gateway", "call"],
    summary: "calls any method of FleetService with JSON",
    description: [
      "Without a method it lists them. The request is the message's JSON form; field names may be written as in the contract (tenant_id) or in camelCase. A stream is printed as JSON lines until it ends or Ctrl-C.",
      "It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node.",
    ].join("\n\n"),
    args: [
      { name: "method", help: "for example List; case does not matter; `status` means Info", isOptional: true },
      { name: "json", help: "the request, - for standard input; default {}", isOptional: true },
    ],
    flags: [],
    examples: [
      { line: "mosaic gateway call status", does: "who answers, and what it can do" },
      { line: `mosaic gateway call List '{"selector":{"hosts":["alpha"]}}'`, does: "one host's rows, as they travel" },
      { line: "mosaic gateway call Watch", does: "every change, as it travels" },
    ],
    schema: "mosaic.gateway.call/1",
    load: () => import("../commands/gateway/call.ts"),
  },
];
