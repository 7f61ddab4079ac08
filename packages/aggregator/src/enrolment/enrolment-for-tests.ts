import type { KeyObject } from "node:crypto";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type FileStore, MosaicError, silentLog } from "@mosaic/core";
import {
  AttemptLimits,
  createCsr,
  createFleetCa,
  EMPTY_REGISTER,
  type FleetCa,
  formatAuthority,
  formatCaState,
  formatRegister,
  type Invitation,
  keySha256,
  newKey,
  parseJoinLine,
  pinOf,
  publicKeyOf,
} from "@mosaic/identity";
import type { EnrolmentCaller, EnrolmentHandlers } from "@mosaic/rpc";
import { FakeClock, RecordingAudit } from "@mosaic/testkit";
import { EnrolledKind, EnrolRequestSchema, type EnrolResponse, InviteRequestSchema, RenewRequestSchema } from "@mosaic/wire";
import { readAuthority } from "./authority.ts";
import type { EnrolmentDeps, ExpectedHost } from "./calls.ts";
import { enrolmentHandlers } from "./enrolment-calls.ts";
import { Register } from "./register.ts";

const HOME = "/m/fleet";
export const local: EnrolmentCaller = { address: "local", chain: undefined, signal: new AbortController().signal };
export const stranger: EnrolmentCaller = { ...local, address: "10.0.0.9", chain: [] };

/** Files that live as long as the test. */
function memoryFiles(): FileStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    read: async (path) => texts.get(path),
    write: async (path, text) => void texts.set(path, text),
    remove: async (path) => void texts.delete(path),
    list: async () => [],
  };
}

export interface Fleet {
  readonly handlers: EnrolmentHandlers;
  readonly deps: EnrolmentDeps;
  readonly clock: FakeClock;
  readonly audit: RecordingAudit;
  readonly files: ReturnType<typeof memoryFiles>;
  readonly ca: FleetCa;
  readonly expected: ExpectedHost[];
}

/** Enrolment of a fleet named acme, in memory. */
export async function aFleet(fields: Partial<EnrolmentDeps> = {}): Promise<Fleet> {
  const clock = new FakeClock();
  const files = memoryFiles();
  const audit = new RecordingAudit();
  const expected: ExpectedHost[] = [];
  const ca = await createFleetCa("acme", clock.nowUnixMs());
  await putAuthority(files, ca);
  await files.write(`${HOME}/enrolment.json`, formatRegister(EMPTY_REGISTER), 0o600);
  const deps: EnrolmentDeps = {
    ...{ clock, log: silentLog, audit, files, register: await Register.open(files, `${HOME}/enrolment.json`) },
    ...{
      authority: () => readAuthority(files, HOME),
      policy: () => ({ grants: [] }),
      policyText: async () => "",
      attempts: new AttemptLimits(),
    },
    renewals: new AttemptLimits({ count: 1000, windowMs: 60_000 }, { count: 10_000, windowMs: 60_000 }),
    expectHost: async (host) => void expected.push(host),
    ...{ addresses: () => ["127.0.0.1:8444"], host: "top" },
    ...fields,
  };
  return { handlers: enrolmentHandlers(deps), deps, clock, audit, files, ca, expected };
}

/** Writes an authority as `mosaic fleet ca init` does. */
export async function putAuthority(files: FileStore, { root, intermediate }: FleetCa): Promise<void> {
  await files.write(`${HOME}/ca/intermediate.pem`, formatAuthority(intermediate), 0o600);
  await files.write(`${HOME}/identity/roots.pem`, String(root.certificate), 0o644);
  const rootPin = pinOf(root.certificate);
  await files.write(`${HOME}/ca/state.json`, formatCaState({ fleet: "acme", phase: "steady", rootPin }), 0o600);
}

/** A line for one host, as it is pasted, read. */
export async function inviteHost({ handlers }: Fleet, fields: MessageInitShape<typeof InviteRequestSchema> = {}) {
  const request = create(InviteRequestSchema, {
    kind: EnrolledKind.NODE,
    tenantId: "team-a",
    sourceLabel: "desk:ada",
    ...fields,
  });
  const { line = "" } = await handlers.invite(request, local);
  return parseJoinLine(line);
}

export interface Joiner {
  readonly key?: KeyObject;
  readonly hostId?: string;
  readonly host?: string;
  readonly secret?: string;
  readonly caller?: EnrolmentCaller;
}

/** Comes with a line. */
export async function join({ handlers }: Fleet, line: { invitationId: string; secret: string }, joiner: Joiner = {}) {
  const { key = newKey(), hostId = "h-1", host = "alpha", caller = stranger } = joiner;
  const { invitationId, secret } = line;
  const request = { invitationId, secret: joiner.secret ?? secret, csr: await createCsr(key), hostId, host };
  const reply = await handlers.enrol(create(EnrolRequestSchema, { ...request, addresses: ["https://10.0.0.1:8443"] }), caller);
  return reply as Partial<EnrolResponse>;
}

/** Shows a chain, and asks for another one. */
export async function renewWith(
  { handlers }: Fleet,
  key: KeyObject,
  chain: string,
  fields: MessageInitShape<typeof RenewRequestSchema> = {},
) {
  const request = create(RenewRequestSchema, { csr: await createCsr(key), chain, wantsCertificate: true, ...fields });
  return await handlers.renew(request, stranger);
}

/** What somebody is refused with, in two words: the code, and what it says. */
export async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (thrown) {
    const { code, message } = MosaicError.from(thrown);
    return `${code}: ${message}`;
  }
  return "let in";
}

export function pinOfKey(key: KeyObject): string {
  return keySha256(publicKeyOf(key));
}

/** An invitation as it is kept. */
export function kept({ deps }: Fleet, id: string): Invitation | undefined {
  return deps.register.state.invitations.find((each) => each.id === id);
}
