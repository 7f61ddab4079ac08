import { EXIT_CODES } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import { fingerprintWords, formatIdentity, nextStep, pinOf, waitingFor } from "@mosaic/identity";
import type { CommandResult, Invocation } from "../../command.ts";
import { type CaView, memberTrust, readCa } from "../../enrolment/ca-view.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";

/** What `fleet ca status --json` prints. The names of its fields are a contract; see ca.test.ts. */
export interface CaStatusAnswer {
  readonly schema: "mosaic.fleet.ca.status/1";
  readonly complete: true;
  readonly fleet: string;
  readonly phase: string;
  readonly next_step: string;
  /** Members that the next step waits for. */
  readonly waiting_for: readonly string[];
  readonly roots: readonly { readonly pin: string; readonly ends_at_unix_ms: number }[];
  readonly intermediate_ends_at_unix_ms: number;
  readonly members: readonly {
    readonly identity: string;
    readonly host: string;
    readonly standing: "in" | "out" | "banned" | "waiting";
    /** Six words of its key. */
    readonly fingerprint: string;
    /** Null: it waits for approval. */
    readonly ends_at_unix_ms: number | null;
  }[];
  readonly alarms: readonly { readonly at_unix_ms: number; readonly text: string }[];
}

/** Says how a fleet's authority is, and who was let in. Reads files only. */
export async function run({ globals }: Invocation, io: Io): Promise<CommandResult> {
  const answer = answerOf(await readCa(fileStore(), globals.mosaicHome), io.clock.nowUnixMs());
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => textOf(answer, io.clock.nowUnixMs()) };
}

function answerOf({ state, roots, intermediate, register }: CaView, nowUnixMs: number): CaStatusAnswer {
  const waiting = register.invitations.flatMap(({ used }) => (used && !used.isApproved ? [used] : []));
  return {
    ...{ schema: "mosaic.fleet.ca.status/1", complete: true, fleet: state.fleet, phase: state.phase, next_step: nextStep(state) },
    waiting_for: waitingFor(state, memberTrust(register, nowUnixMs)).map(({ name }) => name),
    roots: roots.map((root) => ({ pin: pinOf(root), ends_at_unix_ms: Date.parse(root.validTo) })),
    intermediate_ends_at_unix_ms: Date.parse(intermediate.certificate.validTo),
    members: [
      ...register.members.map(({ identity, host, standing, keySha256, endsAtUnixMs }) => ({
        ...{ identity, host, standing, fingerprint: fingerprintWords(keySha256), ends_at_unix_ms: endsAtUnixMs },
      })),
      ...waiting.map(({ identity, keySha256 }) => ({
        ...{ identity: formatIdentity(identity), host: "", standing: "waiting" as const },
        ...{ fingerprint: fingerprintWords(keySha256), ends_at_unix_ms: null },
      })),
    ],
    alarms: register.alarms.map(({ atUnixMs, text }) => ({ at_unix_ms: atUnixMs, text })),
  };
}

const DAY_MS = 86_400_000;

function textOf(answer: CaStatusAnswer, nowUnixMs: number): string {
  const days = (unixMs: number) => `${Math.floor((unixMs - nowUnixMs) / DAY_MS)} days`;
  const member = ({ identity, host, standing, fingerprint, ends_at_unix_ms: end }: CaStatusAnswer["members"][number]) => {
    const hours = end === null ? "" : `, ${Math.max(0, Math.floor((end - nowUnixMs) / 3_600_000))} h left`;
    return `  ${standing.padEnd(7)}  ${identity}${host === "" ? "" : ` (${host})`}${standing === "in" ? hours : ""}  ${fingerprint}`;
  };
  const lines = [
    `Fleet ${answer.fleet}: ${answer.phase}; the intermediate signs for ${days(answer.intermediate_ends_at_unix_ms)} more`,
    ...answer.roots.map(({ pin, ends_at_unix_ms: end }) => `  root ${pin.slice(0, 16)}…  ${days(end)} left`),
    ...(answer.phase === "steady" ? [] : [`Next: mosaic fleet ca rotate ${answer.next_step}${waitText(answer.waiting_for)}`]),
    `${answer.members.length} members:`,
    ...answer.members.map(member),
    ...answer.alarms.map(({ at_unix_ms: at, text }) => `ALARM ${new Date(at).toISOString()} ${text}`),
  ];
  return lines.map((line) => `${plainText(line)}\n`).join("");
}

function waitText(names: readonly string[]): string {
  return names.length === 0
    ? ""
    : `, which waits for ${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
}
