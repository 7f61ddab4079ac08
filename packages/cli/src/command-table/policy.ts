import type { Command } from "../command.ts";

/** `mosaic policy …` */
export const policyCommands: readonly Command[] = [
  {
    path: ["policy", "check"],
    summary: "checks the policy, and shows what it lets whom do",
    description:
      "A policy that can't be used names the grant and what is wrong with it, and exits with 1. Daemons take a good one at once, without a restart, and go on with the last good one otherwise. The default is this host's, $MOSAIC_HOME/fleet/policy.yaml.",
    args: [{ name: "file", help: "a policy; default: this host's", isOptional: true }],
    flags: [],
    examples: [
      { line: "mosaic policy check", does: "is it in order?" },
      { line: "mosaic policy check new.yaml", does: "before it is put in place" },
    ],
    schema: "mosaic.policy.check/1",
    load: () => import("../commands/policy/check.ts"),
  },
  {
    path: ["policy", "explain"],
    summary: "says whether somebody may do something to an agent, and what that rests on",
    description: [
      "It asks the policy alone, as a node does for a call: it exits with 0 when that allows it and with 5 when it does not. Whether somebody is locked out, or a certificate is over, it does not say.",
      "What is done is a verb (probe, observe, watch, operate, diagnose, lifecycle, administer, survey) or an rpc of the contract (Send, AttachTerminal, …).",
    ].join("\n\n"),
    args: [
      {
        name: "who",
        help: "user/ada or agent/ci of the target's tenant, tenant/team-b/user/ada, aggregator/<id>, or the URI of a certificate",
      },
      { name: "verb", help: "the verb, or the rpc" },
      { name: "target", help: "tenant/host/agent, tenant/host or tenant" },
    ],
    flags: [{ name: "policy", kind: "text", value: "path", default: "$MOSAIC_HOME/fleet/policy.yaml", help: "another policy" }],
    examples: [
      { line: "mosaic policy explain user/ada operate team-a/alpha/lead", does: "may ada send to it?" },
      { line: "mosaic policy explain agent/ci Send team-a/alpha/lead", does: "the same by the name of the rpc" },
    ],
    schema: "mosaic.policy.explain/1",
    load: () => import("../commands/policy/explain.ts"),
  },
];
