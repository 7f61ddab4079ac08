import { EXIT_CODES, MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import { formatIdentity, identityFolder, parseJoinLine } from "@mosaic/identity";
import type { CommandResult, Invocation } from "../../command.ts";
import { readOwnEnrolment, toEnrolmentEndpoint } from "../../enrolment/ask-enrolment.ts";
import { type JoinWorld, joinFleet, renewCredentials } from "../../enrolment/join-fleet.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";

/** What `login --json` prints. The names of its fields are a contract; see enrolment.test.ts. */
export interface LoginAnswer {
  readonly schema: "mosaic.login/1";
  readonly complete: true;
  readonly fleet: string;
  readonly identity: string;
  readonly ends_at_unix_ms: number;
  /** True: it was a new line that let somebody in; false: what was there was renewed. */
  readonly changed: boolean;
}

/** Logs a person or automation in with a pasted line, or renews who this home's user is. */
export async function run({ args, flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const { mosaicHome } = globals;
  const world: JoinWorld = {
    ...{ clock: io.clock, files: fileStore(), signal: io.signal, timeoutMs: globals.timeoutMs ?? 10_000 },
    say: (text) => io.stderr.write(`${plainText(text)}\n`),
  };
  if (args.length > 0) {
    const line = parseJoinLine(args.join(""));
    const joiner = { mosaicHome, role: "user", hostId: "", host: "", addresses: [], listen: [], dialOut: "" } as const;
    const { identity, endsAtUnixMs, changed } = await joinFleet(line, joiner, world);
    assertKind(identity.kind, flags.boolean("agent"));
    return resultOf({ fleet: line.fleet, identity: formatIdentity(identity), ends_at_unix_ms: endsAtUnixMs, changed });
  }
  const before = await readOwnEnrolment(world.files, mosaicHome, "user", io.clock.nowUnixMs());
  if (!before)
    throw new MosaicError("USAGE", "nobody is logged in here", {
      hint: "an administrator prints a line: mosaic user add <name> --tenant <tenant>",
    });
  const [address = `unix:${mosaicHome}/fleet/run/enrolment.sock`] = before.file.addresses;
  await renewCredentials(identityFolder(mosaicHome, "user"), { ...world, endpoint: toEnrolmentEndpoint(address) });
  const { credentials } = (await readOwnEnrolment(world.files, mosaicHome, "user", io.clock.nowUnixMs()))?.identity ?? {};
  if (!credentials) throw new MosaicError("MACHINE", "the renewed certificate can't be read");
  const endsAtUnixMs = Date.parse(credentials.chain[0]?.validTo ?? "");
  return resultOf({
    fleet: before.file.fleet,
    identity: formatIdentity(credentials.identity),
    ends_at_unix_ms: endsAtUnixMs,
    changed: false,
  });
}

// A script must not run as a person, by whatever line it was handed.
function assertKind(kind: string, wantsAgent: boolean): void {
  if (!wantsAgent || kind === "agent") return;
  throw new MosaicError("NOT_ALLOWED", `the line was for a ${kind}, and --agent is for automation`, {
    hint: "mosaic user add <name> --agent --tenant <tenant>",
  });
}

function resultOf(fields: Omit<LoginAnswer, "schema" | "complete">): CommandResult {
  const answer: LoginAnswer = { schema: "mosaic.login/1", complete: true, ...fields };
  const { identity, fleet, ends_at_unix_ms: end } = answer;
  const text = `You are ${identity} in fleet ${fleet} until ${new Date(end).toISOString()}; commands over TLS renew that on their way, as does: mosaic login`;
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => `${plainText(text)}\n` };
}
