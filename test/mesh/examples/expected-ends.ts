/** How an example ends here that does not end with 0. With --json it ends the same way. */
export interface ExpectedEnd {
  readonly line: string;
  readonly exitCodes: readonly number[];
  /** Of what is said on stderr, or on stdout where that is the answer. */
  readonly says: RegExp;
  /** Why it can't be otherwise here, and where it is run to its good end. */
  readonly why: string;
}

const WITH_SYSTEMD = "this host has no systemd; test/scripts/*-systemd.test.ts has";
const WITH_AGENTS = "only a real agent asks for leave; test/agents/claude-leave.test.ts has some";

/** The examples that end otherwise than with 0 in a world without systemd, a network and real agents. */
export const EXPECTED_ENDS: readonly ExpectedEnd[] = [
  ...[
    "mosaic fleet install-systemd --dry-run",
    "mosaic fleet install-systemd --linger && mosaic fleet start",
    "mosaic fleet uninstall-systemd --dry-run",
    "mosaic fleet uninstall-systemd --stop",
    "mosaic gateway install --dry-run",
    "mosaic gateway install --role aggregator --port 8788",
    "mosaic gateway uninstall --role aggregator --stop",
    "mosaic gateway start --role node",
    "mosaic gateway stop --role aggregator",
    "mosaic gateway restart",
  ].map((line) => ({ line, exitCodes: [1], says: /^mosaic: cannot \w+: no systemd user manager answers/m, why: WITH_SYSTEMD })),
  ...[
    "mosaic agent approve team-a/beta/coder0 toolu_01A2",
    "mosaic agent approve coder0 --only",
    'mosaic agent deny coder0 toolu_01A2 --comment "use the staging database"',
  ].map((line) => ({ line, exitCodes: [1], says: /asks leave for nothing now/, why: WITH_AGENTS })),
  {
    line: "mosaic fleet ca rotate drop --dry-run",
    exitCodes: [5],
    says: /^mosaic: cannot drop: the fleet's authority is added/m,
    why: "three steps come before it, each when every member has followed; test/mesh/enrolment.test.ts takes them",
  },
  {
    line: "mosaic fleet ca rotate add --root-out /media/stick --json",
    exitCodes: [5],
    says: /^hint: the next step is: mosaic fleet ca rotate trust$/m,
    why: "the same line without --json has taken the step",
  },
  {
    line: "mosaic audit verify --store postgres://mosaic@db/mosaic?sslmode=verify-full",
    exitCodes: [1],
    says: /^mosaic: /,
    why: "there is no such database; test/postgres has one",
  },
  ...["mosaic gateway discover", "mosaic gateway discover --timeout 10s --json"].map((line) => ({
    line,
    exitCodes: [4],
    says: /^why that may be: /m,
    why: "nobody announces itself; test/discovery has who does",
  })),
  {
    line: "mosaic demo down --json",
    exitCodes: [2],
    says: /^mosaic: no demo runs in /m,
    why: "the same line without --json has ended it",
  },
  ...["mosaic upgrade --dry-run", "mosaic rollback", "mosaic rollback --to 1.2.0 --dry-run"].map((line) => ({
    line,
    exitCodes: [1],
    says: /this mosaic is the clone in /,
    why: "a clone is upgraded by git; test/packages/upgrade.test.ts has a package",
  })),
  {
    line: "mosaic upgrade ./mosaic-fleet-1.3.0.tgz",
    exitCodes: [1],
    says: /^mosaic: cannot upgrade from ".*": there is no such file$/m,
    why: "nobody has made that version yet; test/packages/upgrade.test.ts makes two",
  },
  ...["", " --allow-unknown receipts --json"].map((flags) => ({
    line: `mosaic release gate --baseline golden.json${flags}`,
    exitCodes: [0, 1],
    says: /PASS|FAIL/,
    why: "it judges how quick the fleet is, and the other examples run beside it",
  })),
];
