import { EXIT_CODES, type FileStore, MosaicError } from "@mosaic/core";
import type { LockOutRequestJson, LockOutResponseJson } from "@mosaic/wire";
import type { CommandResult, Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import { plainText } from "../output/plain-text.ts";
import { askAuthority } from "./ask-enrolment.ts";

/** What `host evict --json` and `host ban --json` print. The names of their fields are a contract; see enrolment.test.ts. */
export interface LockAnswer {
  readonly schema: "mosaic.host.lock/1";
  readonly complete: true;
  readonly dry_run: boolean;
  readonly identity: string;
  /** `evicted`: it may be invited again. */
  readonly now: "evicted" | "banned" | "lifted";
  /** False: it was so before. */
  readonly changed: boolean;
  readonly lock_count: number;
}

/** Takes the certificates of a host, a person or automation away.
 *  @param target as typed: `tenant/host`, `tenant/user/name` or `tenant/agent/name` */
export async function changeLocks(
  now: LockAnswer["now"],
  invocation: Invocation,
  io: Io,
  files: FileStore,
): Promise<CommandResult> {
  const { args, flags } = invocation;
  const isDryRun = flags.boolean("dry-run");
  const request: LockOutRequestJson = {
    ...parseTarget(args[0] ?? ""),
    ...{ ban: now === "banned", lift: now === "lifted", dryRun: isDryRun, reason: flags.text("reason") ?? "" },
    sourceLabel: flags.text("source-label") ?? `${io.hostName()}:operator`,
  };
  const reply = await askAuthority<LockOutResponseJson>("LockOut", request, invocation, io, files);
  const answer: LockAnswer = {
    ...{ schema: "mosaic.host.lock/1", complete: true, dry_run: isDryRun, identity: reply.identity ?? "", now },
    ...{ changed: reply.changed ?? false, lock_count: reply.lockCount ?? 0 },
  };
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => `${plainText(sentenceOf(answer))}\n` };
}

function sentenceOf({ identity, now, changed, dry_run: isDryRun }: LockAnswer): string {
  if (!changed) return `${identity} was ${now === "lifted" ? "not banned" : now} before; nothing changed`;
  if (isDryRun) return `Would have ${identity} ${now}`;
  const words = {
    evicted: "is out: its certificates count no more, and it may be invited again: mosaic host invite",
    banned: "is banned, and so is its key, until: mosaic host ban --lift",
    lifted: "is banned no more; it may be invited again: mosaic host invite",
  };
  return `${identity} ${words[now]}`;
}

function parseTarget(text: string): Pick<LockOutRequestJson, "kind" | "tenantId" | "name"> {
  const [, tenantId, kind, name] = /^([a-z0-9-]{1,32})\/(?:(user|agent)\/)?([A-Za-z0-9_.-]{1,253})$/.exec(text) ?? [];
  if (tenantId === undefined || name === undefined)
    throw new MosaicError("USAGE", `not a host or a person: ${JSON.stringify(text.slice(0, 200))}`, {
      hint: "write team-a/alpha, team-a/user/ada or team-a/agent/ci; see who there is: mosaic fleet ca status",
    });
  const kinds = { user: "ENROLLED_KIND_USER", agent: "ENROLLED_KIND_AGENT" } as const;
  return { tenantId, name, kind: kind === undefined ? "ENROLLED_KIND_NODE" : kinds[kind as "user" | "agent"] };
}
