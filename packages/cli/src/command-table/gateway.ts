import type { Command } from "../command.ts";
import { METHOD_SUMMARIES } from "../commands/gateway/method-summaries.ts";
import type { Flag } from "../parse/declared.ts";

const ROLES = ["node", "aggregator"];
const DRY_RUN: Flag = { name: "dry-run", kind: "boolean", help: "only say what would be done" };
const ROLE: Flag = {
  name: "role",
  kind: "choice",
  choices: ROLES,
  help: "only this daemon",
  default: "those that are installed",
};
const KEPT =
  "It is kept by systemd where `mosaic gateway install` or `mosaic fleet install-systemd` was run; elsewhere the answer says how to run it by hand. Agents are not touched.";

/** `mosaic gateway …` */
export const gatewayCommands: readonly Command[] = [
  {
    path: ["gateway", "install"],
    summary: "lets systemd keep this host's daemon, at an address of your choice",
    description: [
      "The gateway is this host's endpoint of FleetService: its node, or with --role aggregator an aggregator. It writes that daemon's unit (mosaic-node.service or mosaic-aggregator.service), so that it serves the address besides its Unix socket, enables it, and says what changed. It starts nothing, and can be repeated. The node's unit is that of `mosaic fleet install-systemd`, which keeps the address.",
      "On loopback it talks plain text; any other address needs an identity of the fleet and talks TLS. Without --host it is loopback, which every user of this machine can reach.",
      "A unit that Mosaic did not make, or of another MOSAIC_HOME, is not replaced without --force. Your own settings go into a drop-in (systemctl --user edit mosaic-node), variables into node.local.env or aggregator.local.env below $MOSAIC_HOME/fleet: MOSAIC_STORE for example.",
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "role", kind: "choice", choices: ROLES, help: "which daemon", default: "node" },
      { name: "host", kind: "text", value: "address", help: "where to listen", default: "127.0.0.1" },
      { name: "port", kind: "integer", value: "number", help: "on which port", default: "8787, of an aggregator 8788" },
      {
        name: "enrol",
        kind: "text",
        value: "address",
        help: "where an aggregator with the fleet's authority lets hosts and people in with a line; without it as now",
      },
      { name: "force", kind: "boolean", help: "replace a unit that somebody else made, or that serves another MOSAIC_HOME" },
      DRY_RUN,
    ],
    examples: [
      { line: "mosaic gateway install --dry-run", does: "see what would change" },
      { line: "mosaic gateway install --role aggregator --port 8788", does: "keep an aggregator on this host" },
    ],
    schema: "mosaic.gateway.install/1",
    load: () => import("../commands/gateway/install.ts"),
  },
  {
    path: ["gateway", "uninstall"],
    summary: "takes away what gateway install made",
    description:
      "An aggregator's unit is disabled and removed. A node is the fleet's: where `mosaic fleet install-systemd` was run it only loses its addresses, and `mosaic fleet uninstall-systemd` removes it. What was changed by hand is kept without --force. It ends nothing unless --stop is given.",
    args: [],
    flags: [
      { name: "role", kind: "choice", choices: ROLES, help: "which daemon", default: "node" },
      { name: "stop", kind: "boolean", help: "end it first, where its unit goes" },
      { name: "force", kind: "boolean", help: "remove also what was changed since it was made" },
      DRY_RUN,
    ],
    examples: [{ line: "mosaic gateway uninstall --role aggregator --stop", does: "no aggregator on this host any more" }],
    schema: "mosaic.gateway.uninstall/1",
    load: () => import("../commands/gateway/uninstall.ts"),
  },
  {
    path: ["gateway", "start"],
    summary: "starts this host's daemons, and waits until they answer",
    description: `One that runs already is left alone and counts as success. ${KEPT}`,
    args: [],
    flags: [ROLE],
    examples: [{ line: "mosaic gateway start --role node", does: "start the node, forgetting that it failed before" }],
    schema: "mosaic.gateway.start/1",
    load: () => import("../commands/gateway/start.ts"),
  },
  {
    path: ["gateway", "stop"],
    summary: "ends this host's daemons",
    description: `This host is UNREACHABLE until its node is started again, at the latest by the next boot. ${KEPT}`,
    args: [],
    flags: [ROLE],
    examples: [{ line: "mosaic gateway stop --role aggregator", does: "end the aggregator" }],
    schema: "mosaic.gateway.stop/1",
    load: () => import("../commands/gateway/stop.ts"),
  },
  {
    path: ["gateway", "restart"],
    summary: "restarts this host's daemons, and waits until they answer",
    description: `After an upgrade, or a change of their addresses. ${KEPT}`,
    args: [],
    flags: [ROLE],
    examples: [{ line: "mosaic gateway restart", does: "run the new version" }],
    schema: "mosaic.gateway.restart/1",
    load: () => import("../commands/gateway/restart.ts"),
  },
  {
    path: ["gateway", "status"],
    summary: "shows this host's daemons: how they are kept, where they listen, whether they answer",
    description:
      "It exits with 4 when none of them answers, and with 3 when one that is installed does not. What an endpoint is worth to a caller `mosaic gateway probe` says.",
    args: [],
    flags: [],
    examples: [{ line: "mosaic gateway status", does: "both daemons, with what to type next" }],
    schema: "mosaic.gateway.status/1",
    load: () => import("../commands/gateway/status.ts"),
  },
  {
    path: ["gateway", "probe"],
    summary: "asks an endpoint for everything a caller needs, with the time of each step and a verdict",
    description: [
      "Seven steps: connect (with TLS: and believe who answers), certificate (whose, and for how long), health (grpc.health.v1), version and contract, one List, the clocks of the hosts, one Watch until its first snapshot is whole.",
      "It probes --endpoint or MOSAIC_ENDPOINT, each of several; else the sockets of this home that are there. --timeout is for each step. Verdicts: healthy (exit 0); degraded, when a step failed or is not as it should be (3); unreachable (4); refused, when who answers is not believed or does not let you in (5).",
    ].join("\n\n"),
    args: [],
    flags: [],
    examples: [
      { line: "mosaic gateway probe", does: "this host's own daemons" },
      { line: "mosaic gateway probe --endpoint http://127.0.0.1:8787 --json", does: "one endpoint, for a program" },
    ],
    schema: "mosaic.gateway.probe/1",
    load: () => import("../commands/gateway/probe.ts"),
  },
  {
    path: ["gateway", "call"],
    summary: "calls any method of FleetService with JSON",
    description: [
      "Without a method it lists them. The request is the message's JSON form; field names may be written as in the contract (tenant_id) or in camelCase. A stream is printed as JSON lines until it ends or Ctrl-C.",
      "It asks --endpoint, else MOSAIC_ENDPOINT, else the aggregator of this host, else its node, by Unix socket, plain TCP or TLS. The id of the call's trace stands on stderr where there is one: with OTEL_* or TRACEPARENT in the environment, or with --trace.",
    ].join("\n\n"),
    args: [
      {
        name: "method",
        help: "for example List; case does not matter; `status` means Info",
        isOptional: true,
        suggestions: Object.keys(METHOD_SUMMARIES),
      },
      { name: "json", help: "the request, - for standard input; default {}", isOptional: true },
    ],
    flags: [
      {
        name: "protocol",
        kind: "choice",
        choices: ["connect", "grpc"],
        help: "how to ask",
        default: "connect, with JSON; streams grpc",
      },
      { name: "trace", kind: "boolean", help: "begin a trace, and tell its id" },
    ],
    examples: [
      { line: "mosaic gateway call status", does: "who answers, and what it can do" },
      { line: `mosaic gateway call List '{"selector":{"hosts":["alpha"]}}'`, does: "one host's rows, as they travel" },
      {
        line: "mosaic gateway call Info --protocol grpc --trace",
        does: "as another service would ask, to be found in a trace viewer",
      },
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
