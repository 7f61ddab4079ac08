import type { Command } from "../command.ts";
import type { Flag } from "../parse/declared.ts";

const SOURCE_LABEL: Flag = {
  name: "source-label",
  kind: "text",
  value: "label",
  default: "<hostname>:operator",
  help: "who asks, for the audit",
};
const DRY_RUN: Flag = { name: "dry-run", kind: "boolean", help: "only say what would be done" };
const REASON: Flag = { name: "reason", kind: "text", value: "text", help: "why, for the audit and for who is locked out" };
const INVITATION: readonly Flag[] = [
  { name: "ttl", kind: "duration", value: "time", default: "15m", help: "how long the line holds; a week at most" },
  { name: "approve", kind: "boolean", help: "let nobody in before six words were compared" },
  {
    name: "address",
    kind: "texts",
    value: "addresses",
    help: "where who joins reaches the aggregator, best first; without it where it listens (--enrol)",
  },
  SOURCE_LABEL,
];
const AUTHORITY =
  "It asks the aggregator that has the fleet's authority: over its Unix socket on its own host, elsewhere as the person who is logged in, who has to be an admin of the tenant.";
const LINE =
  "The line is a secret until it was used or is over: whoever reads it may come first. It lets in one key, once; a second key raises an alarm.";

/** Commands by which hosts, people and automation come into a fleet, and leave it. */
export const enrolmentCommands: readonly Command[] = [
  {
    path: ["fleet", "ca", "init"],
    summary: "makes a fleet's authority on the aggregator's host",
    description: [
      "It makes a root, which signs nothing but intermediates and is to be moved off the machine, and an intermediate, which signs for 90 days; who the aggregator is; who you are; and a first policy.yaml in which you are the admin of one tenant, unless there is one. Nothing that is there is ever replaced.",
      "Then start mosaic-aggregator with --enrol and invite hosts.",
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "fleet", kind: "text", value: "name", help: "what the fleet is called, for good: acme" },
      {
        name: "root-out",
        kind: "text",
        value: "folder",
        default: "$MOSAIC_HOME/fleet/ca/root",
        help: "where the root and its key go, for example a stick",
      },
      { name: "tenant", kind: "text", value: "name", default: "<login name>", help: "whose admin you become" },
      { name: "user", kind: "text", value: "name", default: "<login name>", help: "who you are" },
      DRY_RUN,
    ],
    examples: [
      {
        line: "mosaic fleet ca init --fleet acme --tenant team-a --root-out /media/stick",
        does: "the root never touches this disk",
      },
    ],
    schema: "mosaic.fleet.ca.init/1",
    load: () => import("../commands/fleet/ca-init.ts"),
  },
  {
    path: ["fleet", "ca", "status"],
    summary: "shows a fleet's authority, who was let in, who waits, and alarms",
    description: "It reads the files of the aggregator's host, and needs nobody to answer.",
    args: [],
    flags: [],
    examples: [{ line: "mosaic fleet ca status", does: "how long the intermediate holds, and who is a member" }],
    schema: "mosaic.fleet.ca.status/1",
    load: () => import("../commands/fleet/ca-status.ts"),
  },
  {
    path: ["fleet", "ca", "rotate"],
    summary: "changes the root in four steps, or replaces the intermediate",
    description: [
      "add: makes the next root; everybody is told of it with their next question. trust: goes on once every member has confirmed it. sign: certificates are made under it from now on, and everybody renews at once. drop: takes the old one out of use once nobody's certificate leads to it. Each step is refused until the one before is done, and a step that was cut off can be taken again.",
      "intermediate: makes the next intermediate under the root in use, which has to be brought back for that (--root). It needs no steps.",
    ].join("\n\n"),
    args: [{ name: "step", help: "which step", choices: ["add", "trust", "sign", "drop", "intermediate"] }],
    flags: [
      {
        name: "root-out",
        kind: "text",
        value: "folder",
        default: "$MOSAIC_HOME/fleet/ca/root",
        help: "for add: where the next root and its key go",
      },
      { name: "root", kind: "text", value: "file", help: "for intermediate: the root and its key" },
      { name: "without", kind: "texts", value: "members", help: "leave these behind; they have to be invited again" },
      DRY_RUN,
    ],
    examples: [
      { line: "mosaic fleet ca rotate add --root-out /media/stick", does: "the first step; nothing depends on it yet" },
      { line: "mosaic fleet ca rotate drop --dry-run", does: "who would lose the fleet?" },
    ],
    schema: "mosaic.fleet.ca.rotate/1",
    load: () => import("../commands/fleet/ca-rotate.ts"),
  },
  {
    path: ["host", "invite"],
    summary: "prints the one line that lets a host into the fleet",
    description: [LINE, AUTHORITY].join("\n\n"),
    args: [],
    flags: [{ name: "tenant", kind: "text", value: "name", help: "whose host it will be" }, ...INVITATION],
    examples: [
      { line: "mosaic host invite --tenant team-a", does: "a line for the next 15 minutes" },
      {
        line: "mosaic host invite --tenant team-a --approve --ttl 2d",
        does: "for a colleague who pastes it tomorrow and reads six words to you",
      },
    ],
    schema: "mosaic.host.invite/1",
    load: () => import("../commands/host/invite.ts"),
  },
  {
    path: ["host", "join"],
    summary: "lets this host into a fleet with the line that host invite printed",
    description: [
      "It makes the host's key here, which never leaves; believes who answers only for the roots that the line pins; gets a certificate for 24 hours, which the node renews by itself; writes the smallest roster where there is none; and starts the node as a unit of this user's systemd, or says how. The aggregator expects the host from then on.",
      "To run it again goes on where it was, and on a host that is a member renews its certificate and leaves the line unused.",
    ].join("\n\n"),
    args: [{ name: "line", help: "what host invite printed; blanks and line breaks in it do no harm", isMany: true }],
    flags: [
      {
        name: "listen",
        kind: "texts",
        value: "addresses",
        default: "0.0.0.0:8787, or the next free port",
        help: "where the node serves the fleet, with TLS",
      },
      {
        name: "address",
        kind: "texts",
        value: "addresses",
        default: "<hostname>:<port>",
        help: "where the fleet reaches it, best first",
      },
      {
        name: "dial-out",
        kind: "text",
        value: "address",
        help: "the aggregator's own address, for a host that can't be reached: it dials",
      },
      { name: "no-start", kind: "boolean", help: "don't start the node" },
      DRY_RUN,
    ],
    examples: [
      { line: "mosaic host join mosaic-join-1.eyJmIjoi…", does: "the whole of it" },
      { line: "mosaic host join mosaic-join-1.eyJmIjoi… --dry-run", does: "who answers, and is it the fleet of the line?" },
    ],
    schema: "mosaic.host.join/1",
    load: () => import("../commands/host/join.ts"),
  },
  {
    path: ["host", "approve"],
    summary: "lets in who waits, by the six words that they read out",
    description: [
      "For lines that were made with --approve. The words are of the key: who reads the same ones is who holds it.",
      AUTHORITY,
    ].join("\n\n"),
    args: [{ name: "words", help: "six words, with dashes or blanks between", isMany: true }],
    flags: [SOURCE_LABEL],
    examples: [{ line: "mosaic host approve lusab-babad-gutih-tugad-mudof-sakat", does: "it may come in" }],
    schema: "mosaic.host.approve/1",
    load: () => import("../commands/host/approve.ts"),
  },
  {
    path: ["host", "evict"],
    summary: "takes the certificates of a host or a person away; they may be invited again",
    description: [
      "Every certificate that was made for it until now counts no more, on every host of the fleet within seconds, and live streams end. Membership is another matter: mosaic host rm.",
      AUTHORITY,
    ].join("\n\n"),
    args: [{ name: "member", help: "tenant/host, tenant/user/name or tenant/agent/name" }],
    flags: [REASON, DRY_RUN, SOURCE_LABEL],
    examples: [{ line: 'mosaic host evict team-a/beta --reason "installed anew"', does: "then paste a line there again" }],
    schema: "mosaic.host.lock/1",
    load: () => import("../commands/host/evict.ts"),
  },
  {
    path: ["host", "ban"],
    summary: "locks a host or a person out with their id and their key, until it is lifted",
    description: ["As host evict, and nobody with that id or that key is let in again until --lift.", AUTHORITY].join("\n\n"),
    args: [{ name: "member", help: "tenant/host, tenant/user/name or tenant/agent/name" }],
    flags: [{ name: "lift", kind: "boolean", help: "lift it: they may be invited again" }, REASON, DRY_RUN, SOURCE_LABEL],
    examples: [{ line: 'mosaic host ban team-a/beta --reason "stolen"', does: "out, and not back" }],
    schema: "mosaic.host.lock/1",
    load: () => import("../commands/host/ban.ts"),
  },
  {
    path: ["user", "add"],
    summary: "prints the one line by which a person or automation logs in",
    description: [
      LINE,
      "What they may do is said by policy.yaml of each host, which no command writes: with --role the grant to put there is printed.",
      AUTHORITY,
    ].join("\n\n"),
    args: [{ name: "name", help: "who it is: ada; for automation: ci" }],
    flags: [
      { name: "tenant", kind: "text", value: "name", help: "which tenant they belong to" },
      {
        name: "role",
        kind: "choice",
        value: "role",
        choices: ["observer", "operator", "admin", "fleet-observer"],
        help: "print the grant for this role",
      },
      { name: "agent", kind: "boolean", help: "automation, and no person" },
      ...INVITATION,
    ],
    examples: [
      { line: "mosaic user add ada --tenant team-a --role operator", does: "a line for her, and the grant" },
      { line: "mosaic user add ci --agent --tenant team-a", does: "a line for a script" },
    ],
    schema: "mosaic.user.add/1",
    load: () => import("../commands/user/add.ts"),
  },
  {
    path: ["login"],
    summary: "logs you in with the line that user add printed, or renews who you are",
    description:
      "It makes your key here, which never leaves, and gets a certificate for 24 hours. Without a line it renews that, up to 30 days after it ended.",
    args: [{ name: "line", help: "what user add printed", isMany: true, isOptional: true }],
    flags: [{ name: "agent", kind: "boolean", help: "refuse a line that is for a person" }],
    examples: [
      { line: "mosaic login mosaic-join-1.eyJmIjoi…", does: "the first time" },
      { line: "mosaic login", does: "the next morning" },
    ],
    schema: "mosaic.login/1",
    load: () => import("../commands/user/login.ts"),
  },
];
