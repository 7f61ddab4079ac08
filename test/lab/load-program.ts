/** Runs on a host of the lab as automation that never pauses: it lists the fleet and sends to one agent, over and over, on one
 *  connection, and keeps its own certificate fresh. SIGHUP ends it, and then it says what it counted. */
import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { silentLog } from "@mosaic/core";
import { fileStore, systemClock, watchedFiles } from "@mosaic/host";
import { keepRenewed, openFleetIdentity, signDeed } from "@mosaic/identity";
import { connectFleet, fromConnectError, parseEndpoint, renewalService, signedRequest } from "@mosaic/rpc";
import { HostState, SendRequestSchema } from "@mosaic/wire";
import { stateName } from "../faults/state-name.ts";

/** What was counted. */
export interface LoadReport {
  readonly lists: number;
  readonly sends: number;
  /** Sends that were refused because enough of them wait. */
  readonly busy: number;
  /** Calls that failed: when, in ms since 1970, and why. */
  readonly failures: readonly { readonly atUnixMs: number; readonly call: string; readonly error: string }[];
  /** Answers in which a host was not LIVE. */
  readonly gaps: readonly { readonly atUnixMs: number; readonly host: string; readonly state: string }[];
  readonly slowestMs: number;
  readonly messageIds: readonly string[];
}

const [folder = "", aggregator = "", enrolment = "", tenantId = "", host = "", name = ""] = process.argv.slice(2);
const files = watchedFiles(silentLog);
const identity = await openFleetIdentity({ files, log: silentLog, clock: systemClock, folder });
if (!identity) throw new Error(`no identity in ${folder}`);
const enrolmentEndpoint = parseEndpoint(enrolment);
if (enrolmentEndpoint.kind !== "tls") throw new Error(`no address: ${enrolment}`);
const service = renewalService([enrolmentEndpoint], 10_000);
const kept = keepRenewed({ clock: systemClock, random: Math.random, files: fileStore(), log: silentLog, folder, service });
const connection = connectFleet(parseEndpoint(aggregator), { tls: { identity, expect: { kind: "aggregator" } } });
const { client } = connection;

let isOver = false;
process.once("SIGHUP", () => (isOver = true));
const counted = { lists: 0, sends: 0, busy: 0, slowestMs: 0 };
const failures: LoadReport["failures"][number][] = [];
const gaps: LoadReport["gaps"][number][] = [];
const messageIds: string[] = [];

async function tried(call: string, work: () => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  await work().catch((thrown: unknown) => {
    const { code, message } = fromConnectError(thrown, call);
    // An answer too: so many wait for an agent that does not run.
    if (code === "BUSY") counted.busy += 1;
    else failures.push({ atUnixMs: Date.now(), call, error: `${code}: ${message}` });
  });
  counted.slowestMs = Math.max(counted.slowestMs, performance.now() - startedMs);
  await systemClock.sleep(call === "Send" ? 50 : 20, AbortSignal.timeout(1000));
}

let hostId = "";

async function list(): Promise<void> {
  const { hosts, agents } = await client.list({}, { timeoutMs: 10_000 });
  counted.lists += 1;
  hostId = agents.find((each) => each.host === host && each.name === name)?.hostId ?? hostId;
  for (const each of hosts) {
    if (each.state !== HostState.LIVE) gaps.push({ atUnixMs: Date.now(), host: each.host, state: stateName(each.state) });
  }
}

async function send(): Promise<void> {
  const agent = { tenantId, host, name };
  const request = create(SendRequestSchema, { agent, messageId: randomUUID(), text: "load", waitMs: 1, expiresInMs: 2000 });
  const signed = signedRequest("Send", request);
  const credentials = identity?.credentials;
  if (!signed || !credentials) throw new Error("nothing can be signed");
  const { key, chain, identity: caller } = credentials;
  const deed = { method: "Send", target: `${tenantId}/${hostId}/${name}`, requestSha256: signed.requestSha256 };
  const token = await signDeed(deed, { key, chain, caller, nowUnixMs: Date.now(), id: request.messageId, ttlMs: 2000 });
  await client.send(request, { headers: { "mosaic-capability": token }, timeoutMs: 10_000 });
  counted.sends += 1;
  messageIds.push(request.messageId);
}

const loop = async (call: string, work: () => Promise<void>) => {
  while (!isOver) await tried(call, work);
};
await tried("List", list);
process.stderr.write("running\n");
await Promise.all([loop("List", list), loop("Send", send)]);
process.stdout.write(`${JSON.stringify({ ...counted, failures, gaps, messageIds } satisfies LoadReport)}\n`);
await kept[Symbol.asyncDispose]();
process.exit(0);
