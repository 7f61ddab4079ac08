import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { create } from "@bufbuild/protobuf";
import { aborted, MosaicError, silentLog } from "@mosaic/core";
import { CertifiedCallers, fixedIdentity, type Identity, NO_LOCKS, newKey, untilRefused } from "@mosaic/identity";
import { oddLeaf, uri } from "@mosaic/identity/for-tests";
import { eventually, realClock } from "@mosaic/testkit";
import { WatchResponseSchema } from "@mosaic/wire";
import { type ConnectFleetOptions, connectFleet } from "../client/connect-fleet.ts";
import { fromConnectError } from "../error-mapping.ts";
import { callUnary } from "../plain-unary.ts";
import { type DialledIn, type DoorJudge, openReception } from "../reverse/dial-in-door.ts";
import { dialOut } from "../reverse/dial-out.ts";
import type { FleetHandlers } from "../server/fleet-handlers.ts";
import type { Caller } from "../server/guard.ts";
import { ada, aggregator, certificateGuard, node, serveTls, shown, testFleet } from "./fleet-for-tests.ts";

const name = "spiffe://acme/tenant/team-a/user/ada";
const DAY_MS = 86_400_000;
const live = { signal: new AbortController().signal, timeoutMs: 5000 };

const nodeOf = (hostId: string): Identity => ({ kind: "node", fleet: "acme", tenantId: "team-a", hostId });
const userOf = (called: string): Identity => ({ kind: "user", fleet: "acme", tenantId: "team-a", name: called });

/** A stream that never ends by itself. */
const endless: Pick<FleetHandlers, "watch"> = {
  async *watch(_request, { signal }) {
    yield create(WatchResponseSchema, { frame: { case: "reset", value: { epoch: "e" } } });
    await aborted(signal);
  },
};

async function ours(stack: AsyncDisposableStack, handlers: Partial<FleetHandlers> = {}) {
  const fleet = await testFleet();
  const identity = await fleet.sourceOf(node);
  const served = await serveTls(stack, { tls: { identity }, guard: certificateGuard(fleet), handlers });
  return { fleet, identity, ...served };
}

test("who may call is known by its certificate, over HTTP/2, HTTP/1.1 and the CLI's own way", async () => {
  await using stack = new AsyncDisposableStack();
  const callers: (Caller | undefined)[] = [];
  const info: FleetHandlers["info"] = ({ caller, carrier }) => {
    callers.push(caller);
    return { id: carrier };
  };
  const { fleet, endpoint } = await ours(stack, { info });
  const tls = { identity: await fleet.sourceOf(ada), expect: { kind: "node", tenantId: "team-a", hostId: "h-1" } } as const;
  for (const carrier of ["http2", "http1"] as const) {
    const connection = stack.use(connectFleet(endpoint, { tls, carrier }));
    for (let call = 0; call < 3; call += 1) assert.equal((await connection.client.info({})).id, "tls", carrier);
  }
  assert.deepEqual(await callUnary(endpoint, "Info", {}, { ...live, tls }), { id: "tls" });
  assert.equal(callers.length, 7);
  for (const caller of callers) assert.deepEqual(caller, { kind: "peer", identity: ada });
});

test("each certificate that is not believed is refused by name", async () => {
  await using stack = new AsyncDisposableStack();
  const { fleet, endpoint } = await ours(stack);
  const { ca, trust } = fleet;
  const [other, sameName] = [await testFleet("globex"), await testFleet()];
  const key = newKey();
  const nowMs = Date.now();
  const odd = async (options: Omit<Parameters<typeof oddLeaf>[0], "key">) =>
    shown(
      await oddLeaf({
        fromMs: nowMs - DAY_MS,
        toMs: nowMs + DAY_MS,
        issuer: ca.intermediate,
        names: [uri(name)],
        ...options,
        key,
      }),
      key,
      ca,
    );
  const table: readonly (readonly [string, Parameters<typeof fixedIdentity>[1], RegExp])[] = [
    ["no certificate", undefined, /no certificate was shown/],
    ["wrong SAN", await odd({ names: [uri("https://acme/ada")] }), /names nobody in a fleet/],
    ["a DNS name", await odd({ names: [{ type: "dns", value: "ada.acme" }] }), /is no URI/],
    ["no SAN", await odd({ names: [] }), /has no URI SAN/],
    ["two SANs", await odd({ names: [uri(name), uri("spiffe://acme/tenant/team-b/user/ada")] }), /has 2 SANs/],
    ["expired", await odd({ toMs: nowMs - 1000 }), /the certificate ended/],
    ["not yet valid", await odd({ fromMs: nowMs + DAY_MS / 2 }), /holds from/],
    ["self-signed", await odd({ issuer: undefined }), /no authority of this fleet/],
    ["wrong CA", await sameName.credentialsOf(ada), /no authority of this fleet/],
    [
      "right CA, wrong fleet",
      await odd({ names: [uri("spiffe://globex/tenant/team-a/user/ada")] }),
      /the fleet "globex", this is "acme"/,
    ],
    ["another fleet", await other.credentialsOf({ ...ada, fleet: "globex" }), /no authority of this fleet/],
    ["an authority's", await odd({ isAuthority: true }), /authority/],
  ];
  for (const [what, credentials, reason] of table) {
    for (const carrier of ["http2", "http1"] as const) {
      await using connection = connectFleet(endpoint, { tls: { identity: fixedIdentity(trust, credentials) }, carrier });
      await assert.rejects(connection.client.info({}), isRefusal(reason), `${what} over ${carrier}`);
    }
    const tls = { identity: fixedIdentity(trust, credentials) };
    await assert.rejects(callUnary(endpoint, "Info", {}, { ...live, tls }), isRefusal(reason), what);
  }
});

test("who answers is believed no more than who calls: each wrong server is refused by name before anything is asked", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet();
  const { ca } = fleet;
  const [key, nowMs] = [newKey(), Date.now()];
  const odd = async (options: Omit<Parameters<typeof oddLeaf>[0], "key">) => {
    const times = { fromMs: nowMs - DAY_MS, toMs: nowMs + DAY_MS };
    const names = [uri("spiffe://acme/tenant/team-a/host/h-1/node")];
    return shown(await oddLeaf({ ...times, issuer: ca.intermediate, names, ...options, key }), key, ca);
  };
  const table = [
    ["expired", await odd({ toMs: nowMs - 1000 }), /expired|ended/],
    ["not yet valid", await odd({ fromMs: nowMs + DAY_MS / 2 }), /not yet valid|holds from/],
    ["self-signed", await odd({ issuer: undefined }), /not believed/],
    ["wrong CA", await (await testFleet()).credentialsOf(node), /not believed/],
    ["two SANs", await odd({ names: [uri(name), uri(name)] }), /has 2 SANs/],
    ["wrong fleet", await odd({ names: [uri("spiffe://globex/aggregator/a")] }), /the fleet "globex"/],
    ["a person", await fleet.credentialsOf(ada), /the node of tenant "team-a" on host h-1 is expected there/],
    ["another host", await fleet.credentialsOf(nodeOf("h-2")), /is expected there, .*h-2\/node answers/],
    ["an aggregator", await fleet.credentialsOf(aggregator), /is expected there/],
  ] as const;
  const expect = { kind: "node", tenantId: "team-a", hostId: "h-1" } as const;
  const tls = { identity: await fleet.sourceOf(aggregator), expect };
  for (const [what, credentials, reason] of table) {
    let calls = 0;
    const info = () => {
      calls += 1;
      return { id: "h-1" };
    };
    const { endpoint } = await serveTls(stack, {
      tls: { identity: fixedIdentity(fleet.trust, credentials) },
      handlers: { info },
    });
    for (const carrier of ["http2", "http1"] as const) {
      await using connection = connectFleet(endpoint, { tls, carrier });
      await assert.rejects(connection.client.info({}), isRefusal(reason), `${what} over ${carrier}`);
    }
    await assert.rejects(callUnary(endpoint, "Info", {}, { ...live, tls }), isRefusal(reason), what);
    assert.equal(calls, 0, what);
  }
});

test("new credentials are used for new connections on both sides, and no stream ends", async () => {
  await using stack = new AsyncDisposableStack();
  const { fleet, identity, endpoint, streams } = await ours(stack, endless);
  const mine = await fleet.sourceOf(ada);
  const call = new AbortController();
  const ended: unknown[] = [];
  const clients = (["http2", "http1"] as const).map((carrier) =>
    stack.use(connectFleet(endpoint, { tls: { identity: mine }, carrier })),
  );
  for (const { client } of clients) void read(client.watch({}, { signal: call.signal })).then((why) => ended.push(why));
  await eventually("two streams", () => streams.counts()["Watch"] === 2);
  const fresh = await fleet.credentialsOf(nodeOf("h-9"));
  identity.replace(fleet.trust, fresh);
  mine.replace(fleet.trust, await fleet.credentialsOf(userOf("ada2")));
  for (const { client } of clients) await client.info({});
  // Who connects now sees the new certificate.
  const tls = { identity: mine, expect: { kind: "node", tenantId: "team-a", hostId: "h-9" } } as const;
  await callUnary(endpoint, "Info", {}, { ...live, tls });
  assert.deepEqual([ended.length, streams.counts()["Watch"]], [0, 2]);
  call.abort();
  await eventually("both ended by us", () => ended.length === 2);
});

test("a stream ends when what it was admitted on is over, with the reason", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet();
  const over = Promise.withResolvers<MosaicError>();
  const guard = {
    admit: async () => ({ caller: { kind: "peer", identity: ada } as const, over: () => over.promise }),
  };
  const { endpoint, streams } = await serveTls(stack, {
    tls: { identity: await fleet.sourceOf(node) },
    guard,
    handlers: endless,
  });
  const tls = { identity: await fleet.sourceOf(ada) };
  const ends = (["http2", "http1"] as const).map((carrier) => {
    const { client } = stack.use(connectFleet(endpoint, { tls, carrier }));
    return read(client.watch({}));
  });
  await eventually("two streams", () => streams.counts()["Watch"] === 2);
  over.resolve(new MosaicError("IDENTITY_REFUSED", "the certificate ended"));
  for (const why of await Promise.all(ends)) assert.ok(isRefusal(/the certificate ended/)(why), String(why));
  await eventually("their handlers ended", () => (streams.counts()["Watch"] ?? 0) === 0);
});

test("a certificate that ends during a stream ends it in time, and lets no other call in", async () => {
  await using stack = new AsyncDisposableStack();
  const { fleet, endpoint } = await ours(stack, endless);
  const identity = fixedIdentity(fleet.trust, await fleet.credentialsOf(ada, { ttlMs: 3000 }));
  const connections = (["http2", "http1"] as const).map((carrier) =>
    stack.use(connectFleet(endpoint, { tls: { identity }, carrier })),
  );
  const startedMs = Date.now();
  const ends = await Promise.all(connections.map(({ client }) => read(client.watch({}))));
  assert.ok(Date.now() - startedMs < 10_000, "in time");
  for (const why of ends) assert.ok(isRefusal(/the certificate ended/)(why));
  for (const { client } of connections) await assert.rejects(client.info({}), isRefusal(/the certificate ended/));
});

test("plain text on the port with TLS gets nowhere, and neither does an older TLS", async () => {
  await using stack = new AsyncDisposableStack();
  const { endpoint } = await ours(stack);
  const plain = connect(endpoint.port, "127.0.0.1").on("error", () => {});
  const bytes: Buffer[] = [];
  plain.on("data", (piece: Buffer) => bytes.push(piece));
  plain.write("POST /mosaic.fleet.v1.FleetService/Info HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}");
  await once(plain, "close");
  assert.ok(!Buffer.concat(bytes).toString("latin1").includes("HTTP/"), "nothing was answered but an alert");
  const where = { kind: "tcp", hostname: "127.0.0.1", port: endpoint.port } as const;
  await assert.rejects(callUnary(where, "Info", {}, live), MosaicError);
  const old = connectTls({ port: endpoint.port, host: "127.0.0.1", maxVersion: "TLSv1.2", rejectUnauthorized: false });
  await assert.rejects(once(old, "secureConnect"));
});

test("who does not finish the handshake is hung up on", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet();
  const { endpoint } = await serveTls(stack, { tls: { identity: await fleet.sourceOf(node), handshakeTimeoutMs: 100 } });
  const mute = connect(endpoint.port, "127.0.0.1")
    .on("error", () => {})
    .resume();
  await once(mute, "close");
});

test("TLS needs an identity, on both sides", async () => {
  const listen = [{ kind: "tls", hostname: "127.0.0.1", port: 0 }] as const;
  const nobody = { tls: undefined };
  await using stack = new AsyncDisposableStack();
  await assert.rejects(serveTls(stack, nobody), /refusing to listen on https:\/\/127.0.0.1:0: there is no identity/);
  const options: ConnectFleetOptions = { carrier: "http1" };
  assert.throws(() => connectFleet(listen[0], options), /this home has no identity of a fleet/);
  await assert.rejects(callUnary(listen[0], "Info", {}, live), /this home has no identity of a fleet/);
});

test("a host dials in over TLS on the same port, and both sides know who the other is", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet();
  const arrived: DialledIn[] = [];
  let locks = NO_LOCKS;
  let look = () => {};
  const known = new CertifiedCallers({ identity: fleet, locks: () => locks, clock: realClock });
  const onChange = (listener: () => void) => {
    look = listener;
    return { [Symbol.dispose]: () => {} };
  };
  const judge: DoorJudge = {
    of: (chain) => known.of(chain),
    over: (chain, stop) => untilRefused(() => known.of(chain), onChange, realClock, stop),
  };
  const reception = stack.use(openReception({ log: silentLog, onHost: (host) => arrived.push(host) > 0, judge }));
  const identity = await fleet.sourceOf(aggregator);
  const { endpoint } = await serveTls(stack, { tls: { identity, onReverse: reception.receive } });
  const callers: unknown[] = [];
  const host = (id: string) => ({
    info: ({ caller }: { caller?: Caller | undefined }) => {
      callers.push(caller);
      return { id, tenantId: "team-a", host: "alpha", protocolVersion: 1 };
    },
  });
  const dialling = async (id: string, expect?: { kind: "node"; tenantId: string }) => {
    const { server } = await serveTls(stack, {
      tls: { identity: await fleet.sourceOf(node) },
      guard: certificateGuard(fleet),
      handlers: host(id),
    });
    // Waits between attempts are short; that for the end of a certificate is as it is.
    const sleep = (ms: number, signal: AbortSignal) => realClock.sleep(Math.min(ms, ms > 60_000 ? ms : 20), signal);
    const own = await fleet.sourceOf(node);
    const tls = { identity: own, ...(expect ? { expect } : {}) };
    const dial = stack.use(dialOut({ endpoint, server, tls, clock: { ...realClock, sleep }, random: () => 0, log: silentLog }));
    return { own, dial };
  };
  const first = await dialling("h-1");
  await eventually("it arrived", () => arrived.length === 1);
  assert.deepEqual(arrived[0]?.identity, node);
  assert.equal((await arrived[0]?.connection.client.info({}))?.host, "alpha");
  assert.deepEqual(callers.at(-1), { kind: "peer", identity: aggregator });
  const { dial: liar } = await dialling("h-2");
  await eventually("who says another id is hung up", () => /ended/.test(liar.state.detail));
  const { dial: wary } = await dialling("h-1", { kind: "node", tenantId: "team-a" });
  await eventually("who answers is not who was expected", () => /is expected there/.test(wary.state.detail));
  assert.equal(arrived.length, 1);
  first.own.replace(fleet.trust, await fleet.credentialsOf(node));
  await eventually("with new credentials it comes anew", () => arrived.length === 2);
  assert.equal((await arrived[0]?.connection.client.info({}))?.host, "alpha", "what runs over the older connection goes on");
  locks = { asOfUnixMs: 1, locks: [{ kind: "host", value: "h-1", reason: "stolen", atUnixMs: 1 }] };
  look();
  await arrived[1]?.closed;
  await eventually("who is locked out while it is there is hung up on, and not taken again", () => !first.dial.state.isConnected);
  assert.equal(arrived.length, 2);
});

test("HTTP/2 by hand: a client of another make is served with its certificate, and told without one", async () => {
  await using stack = new AsyncDisposableStack();
  const { fleet, endpoint } = await ours(stack);
  const { key, chain } = await fleet.credentialsOf(ada);
  const pem = { key: key.export({ type: "pkcs8", format: "pem" }), cert: chain.map(String).join("") };
  for (const [own, status] of [
    [pem, 200],
    [{}, 401],
  ] as const) {
    const options = { ...own, ca: fleet.trust.roots.map(String), checkServerIdentity: () => undefined };
    const session = connectHttp2(`https://127.0.0.1:${endpoint.port}`, options);
    stack.defer(() => session.destroy());
    const headers = { ":method": "POST", ":path": "/mosaic.fleet.v1.FleetService/Info", "content-type": "application/json" };
    const stream = session.request(headers);
    stream.end("{}");
    const [told] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(told[":status"], status);
    stream.resume();
  }
});

async function read(stream: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const _frame of stream);
    return "it ended by itself";
  } catch (thrown) {
    return thrown;
  }
}

function isRefusal(reason: RegExp): (thrown: unknown) => boolean {
  return (thrown) => {
    const error = fromConnectError(thrown, "call");
    assert.equal(error.code, "IDENTITY_REFUSED", error.message);
    assert.match(error.message, reason);
    return true;
  };
}
