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
  {
    path: ["gateway", "discover"],
    summary: "looks for daemons on the local network by multicast DNS",
    description: [
      "It shows who announces itself (mosaic-node or mosaic-aggregator with --advertise) on a network of this host. Nothing of that is proven: anybody there can announce anything, so it is a hint where a host may be, and never makes one a part of the fleet. `enrolled` are those whose id is that of an expected host, when an aggregator answers that can tell.",
      "It asks avahi-daemon when that runs. It exits with 4 when nobody is found, with 3 when it could not look everywhere, and with 1 when multicast does not work here. Ctrl-C shows what was found until then.",
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "timeout", kind: "duration", value: "time", default: "3s", help: "how long to look" },
      { name: "jsonl", kind: "boolean", help: "print JSON lines" },
      { name: "wide", kind: "boolean", help: "never cut or leave out columns" },
    ],
    examples: [
      { line: "mosaic gateway discover", does: "who is there" },
      { line: "mosaic gateway discover --timeout 10s --json", does: "the same, with more patience, for a program" },
    ],
    schema: "mosaic.gateway.discover/1",
    load: () => import("../commands/gateway/discover.ts"),
  },
];
