/** A probe of a real server, over plain TCP and over TLS. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted, passThroughTracer, silentLog } from "@mosaic/core";
import { createFleetCa, type FleetCa, fixedIdentity, issueLeaf, newKey, publicKeyOf } from "@mosaic/identity";
import { formatEndpoint, LiveStreams, parseEndpoint, serveFleet } from "@mosaic/rpc";
import { aHostStatus, stubHandlers } from "@mosaic/testkit";
import { HostState, WatchResponseSchema } from "@mosaic/wire";
import { runCli } from "../cli.ts";
import { writeIdentity } from "../doctor/sound-world-for-tests.ts";
import { memoryIo } from "../io/memory-io.ts";
import type { ProbeAnswer } from "./probe-answer.ts";

const HOUR_MS = 3_600_000;

async function home(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-probe-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function serve(stack: AsyncDisposableStack, ca?: FleetCa): Promise<string> {
  const status = aHostStatus({ state: HostState.LIVE, asOfUnixMs: BigInt(Date.now()) });
  const handlers = stubHandlers({
    info: () => ({ protocolVersion: 1, version: "1.0.0", host: "alpha" }),
    list: async () => ({ rows: [], hosts: [status], epoch: "e", rev: 1n, nextPageToken: "", isInconsistent: false }),
    async *watch(_request, { signal }) {
      yield create(WatchResponseSchema, { frame: { case: "reset", value: { epoch: "e" } } });
      yield create(WatchResponseSchema, { frame: { case: "host", value: status } });
      yield create(WatchResponseSchema, { frame: { case: "snapshotEnd", value: {} } });
      await aborted(signal);
    },
  });
  const served = { handlers, streams: new LiveStreams(), tracer: passThroughTracer, log: silentLog };
  const listen = [parseEndpoint(`${ca ? "https" : "http"}://127.0.0.1:0`)];
  const server = stack.use(await serveFleet({ ...served, listen, ...(ca ? await tlsOf(ca) : {}) }));
  const [endpoint] = server.endpoints;
  return endpoint ? formatEndpoint(endpoint) : assert.fail();
}

async function tlsOf(ca: FleetCa) {
  const key = newKey();
  const identity = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "id-alpha" } as const;
  const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: Date.now() });
  const trust = { fleet: "acme", roots: [ca.root.certificate] };
  const credentials = { identity, key, chain: [leaf, ca.intermediate.certificate] };
  const guard = { admit: async () => ({ caller: { kind: "local" } as const }) };
  return { tls: { identity: fixedIdentity(trust, credentials) }, guard };
}

async function probed(endpoint: string, mosaicHome: string) {
  const io = memoryIo();
  const exitCode = await runCli(["gateway", "probe", "--json", "--endpoint", endpoint, "--mosaic-home", mosaicHome], io);
  const answer = JSON.parse(io.stdout.text) as ProbeAnswer;
  const [item] = answer.items;
  return {
    exitCode,
    verdict: answer.verdict,
    steps: item?.steps ?? [],
    step: (name: string) => item?.steps.find(({ step }) => step === name),
  };
}

test("a server on loopback is healthy in every step", async (context) => {
  await using stack = new AsyncDisposableStack();
  const { exitCode, verdict, steps, step } = await probed(await serve(stack), await home(context));
  assert.deepEqual([exitCode, verdict], [0, "healthy"], JSON.stringify(steps));
  assert.equal(step("watch")?.found, "a snapshot of 3 frames");
});

test("over TLS its certificate is told, and an identity of another fleet is refused", async (context) => {
  await using stack = new AsyncDisposableStack();
  const folder = await home(context);
  const write = async (path: string, text: string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: 0o600 });
  };
  const ca = await createFleetCa("acme", Date.now() - HOUR_MS);
  const endpoint = await serve(stack, ca);
  await writeIdentity(folder, ca, write, { issuedAtMs: Date.now() });
  const { exitCode, step, steps } = await probed(endpoint, folder);
  assert.equal(exitCode, 0, JSON.stringify(steps));
  assert.match(step("certificate")?.found ?? "", /^spiffe:\/\/acme\/tenant\/team-a\/host\/id-alpha\/node, for another 23h/);
  await writeIdentity(folder, await createFleetCa("acme", Date.now() - HOUR_MS), write, { issuedAtMs: Date.now() });
  const stranger = await probed(endpoint, folder);
  assert.deepEqual([stranger.exitCode, stranger.verdict, stranger.step("connect")?.code], [5, "refused", "IDENTITY_REFUSED"]);
});
