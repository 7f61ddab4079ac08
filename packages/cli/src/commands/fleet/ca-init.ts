import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { EXIT_CODES, MosaicError } from "@mosaic/core";
import { fileStore, loginName, persistentId } from "@mosaic/host";
import { isTenantName, pinOf } from "@mosaic/identity";
import type { CommandResult, Invocation } from "../../command.ts";
import { caPaths } from "../../enrolment/ca-paths.ts";
import { type CaWish, planCa } from "../../enrolment/plan-ca.ts";
import { assertAbsent, type PlannedWrite, type ToldFile, toldFiles, writeAll } from "../../enrolment/planned-write.ts";
import type { Io } from "../../io/io.ts";

/** What `fleet ca init --json` prints. The names of its fields are a contract; see ca.test.ts. */
export interface CaInitAnswer {
  readonly schema: "mosaic.fleet.ca.init/1";
  readonly complete: true;
  readonly dry_run: boolean;
  readonly fleet: string;
  /** SHA-256 of the root's public key, which join lines carry. Null: a dry run makes none. */
  readonly root_pin: string | null;
  readonly root_file: string;
  readonly files: readonly ToldFile[];
  /** True: the root's key is on this machine, and should not stay. */
  readonly root_is_here: true;
}

/** Makes a fleet's authority on the aggregator's host. */
export async function run({ flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const { mosaicHome } = globals;
  const paths = caPaths(mosaicHome);
  const files = fileStore();
  const isDryRun = flags.boolean("dry-run");
  const rootOut = resolve(io.cwd, flags.text("root-out") ?? `${paths.folder}/root`);
  await assertOwn([dirname(paths.folder)]);
  const wish: CaWish = {
    ...{ mosaicHome, rootOut, nowUnixMs: io.clock.nowUnixMs() },
    fleet: assertFleetName(flags.text("fleet") ?? ""),
    // A dry run leaves nothing behind, so it makes no id either.
    aggregatorId: isDryRun ? "dry-run" : await persistentId(`${mosaicHome}/fleet/aggregator_id`),
    tenantId: assertTenant(flags.text("tenant") ?? tenantOf(loginName())),
    user: flags.text("user") ?? loginName(),
  };
  const { ca, writes, policy } = await planCa(wish);
  await assertAbsent(files, writes, "there is an authority in this home: mosaic fleet ca status");
  const hosts: PlannedWrite = {
    path: `${mosaicHome}/fleet/hosts.yaml`,
    text: "[]\n",
    mode: 0o644,
    what: "hosts that are expected by file: none",
  };
  const absent: PlannedWrite[] = [];
  for (const each of [policy, hosts]) if ((await files.read(each.path)) === undefined) absent.push(each);
  const all: readonly PlannedWrite[] = [...absent, ...writes];
  if (!isDryRun) await writeAll(files, all);
  const rootPin = pinOf(ca.root.certificate);
  const answer: CaInitAnswer = {
    ...{ schema: "mosaic.fleet.ca.init/1", complete: true, dry_run: isDryRun, fleet: wish.fleet, root_is_here: true },
    root_pin: isDryRun ? null : rootPin,
    root_file: isDryRun ? `${rootOut}/root-<pin>.pem` : (all.find(({ path }) => path.startsWith(`${rootOut}/root-`))?.path ?? ""),
    files: toldFiles(
      isDryRun ? all.map((each) => (each.path.startsWith(rootOut) ? { ...each, path: `${rootOut}/root-<pin>.pem` } : each)) : all,
    ),
  };
  return { exitCode: EXIT_CODES.ok, envelope: answer, text: () => textOf(answer) };
}

function textOf({ dry_run: isDryRun, fleet, files, root_file: root }: CaInitAnswer): string {
  const lines = [
    `${isDryRun ? "Would make" : "Made"} the authority of fleet ${fleet}:`,
    ...files.map(({ path, mode, what }) => `  ${mode}  ${path}  ${what}`),
    ...(isDryRun ? [] : [`Take the root's key off this machine now, for example to two sticks, and then: shred -u ${root}`]),
    ...(isDryRun
      ? []
      : ["Next: mosaic-aggregator --enrol <this host's name>:8444; then for each host: mosaic host invite --tenant <tenant>"]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function assertFleetName(name: string): string {
  if (/^[a-z0-9][a-z0-9.-]{0,62}$/.test(name)) return name;
  throw new MosaicError(
    "USAGE",
    name === "" ? "say what the fleet is called: --fleet" : `not a fleet's name: ${JSON.stringify(name.slice(0, 80))}`,
    {
      hint: "a-z, 0-9, dots and dashes, for example: mosaic fleet ca init --fleet acme",
    },
  );
}

function assertTenant(name: string): string {
  if (isTenantName(name)) return name;
  throw new MosaicError("USAGE", `not a tenant: ${JSON.stringify(name.slice(0, 80))}`, {
    hint: "a-z, 0-9 and dashes, at most 32",
  });
}

function tenantOf(login: string): string {
  return login
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .slice(0, 32);
}

// A folder that others may write to is no place for keys: they could put their own there.
async function assertOwn(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const found = await stat(folder).catch(() => undefined);
    if (!found) continue;
    const isOwn = found.uid === process.getuid?.();
    if (isOwn && (found.mode & 0o022) === 0) continue;
    throw new MosaicError(
      "NOT_ALLOWED",
      `${folder} ${isOwn ? "can be written by others" : "belongs to somebody else"}: no place for keys`,
      {
        hint: `chmod 700 ${folder}`,
      },
    );
  }
}
