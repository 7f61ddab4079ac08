/** An aggregator that was taken over: it has its certificate and every call that passes through it, and can make up none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { passThroughTracer, silentLog } from "@mosaic/core";
import { type Credentials, createFleetCa, fixedIdentity, issueLeaf, newKey, publicKeyOf, signDeed } from "@mosaic/identity";
import { type FleetClient, formatEndpoint, fromConnectError, LiveStreams, serveFleet, signedRequest } from "@mosaic/rpc";
import { stubHandlers } from "@mosaic/testkit";
import { AgentAddressSchema, type ResetRequest, type SendRequest, SendRequestSchema } from "@mosaic/wire";
import { daemonHome } from "./daemon-home.ts";
import { FLEET, type WalledHost, walledFleet, walledNode } from "./walled-fleet.ts";

const POLICY = `grants:
  - { role: operator, tenant: team-a, who: user/ada }
  - { role: operator, tenant: team-b, who: user/bob }
`;

interface Caught<Req> {
  readonly request: Req;
  readonly token: string;
}

test("an aggregator that alters, replays, forges or cross-posts gets nothing done, and each attempt is on record", {
  timeout: 120_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await walledFleet();
  const node = (tenantId: string, host: string) =>
    walledNode(stack, fleet, { tenantId, host, agents: ["lead", "coder0"], policy: POLICY });
  const [alpha, beta] = await Promise.all([node("team-a", "alpha"), node("team-b", "beta")]);
  const own = await fleet.credentialsOf({ kind: "aggregator", fleet: FLEET, id: "taken-over" });
  const at = (host: WalledHost) => stack.use(fleet.clientOf(host.endpoint, own)).client;
  const [toAlpha, toBeta] = [at(alpha), at(beta)];
  const { sent, reset } = await catchCalls(stack, fleet, own, toAlpha);
  // What it sees is what it may: it relays what is seen.
  assert.equal((await toAlpha.list({})).agents.length, 2);
  const before = (await alpha.audit()).length;
  const attempts: (readonly [string, () => Promise<unknown>, RegExp])[] = [
    ["alters the text", () => send(toAlpha, { ...sent, request: { ...sent.request, text: "rm -rf" } }), /for another request/],
    ["alters the policy", () => send(toAlpha, { ...sent, request: { ...sent.request, policy: 2 } }), /for another request/],
    ["alters the agent", () => send(toAlpha, to(sent, "team-a", "alpha", "lead")), /for another target/],
    ["alters the id", () => send(toAlpha, { ...sent, request: { ...sent.request, messageId: "m-9" } }), /for another request/],
    [
      "makes it live for longer",
      () => send(toAlpha, { ...sent, request: { ...sent.request, expiresInMs: 604_800_000 } }),
      /live longer/,
    ],
    ["cross-posts to another tenant", () => send(toBeta, sent), /no agent|does not name an agent/i],
    ["cross-posts, readdressed", () => send(toBeta, to(sent, "team-b", "beta", "coder0")), /for another target/],
    [
      "uses it for a reset",
      () => doReset(toAlpha, { request: { ...reset.request, messageId: "m-1" }, token: sent.token }),
      /holds for longer|for another/,
    ],
    [
      "uses a reset for a cancel",
      () => toAlpha.cancelMessage({ messageId: "m-1", agent: coder0 }, headers(reset.token)),
      /for another/,
    ],
    ["sends without any", () => toAlpha.send(sent.request), /came without one/],
    ["resets without any", () => toAlpha.reset(reset.request), /came without one/],
    ["cancels without any", () => toAlpha.cancelMessage({ messageId: "m-1", agent: coder0 }), /came without one/],
    ["retries without any", () => toAlpha.retryMessage({ messageId: "m-1", agent: coder0 }), /came without one/],
    ["decides without any", () => toAlpha.decide({ agent: coder0, requestId: "r", decision: 1 }), /came without one/],
    ["looks at a terminal without any", () => first(toAlpha.tail({ agent: coder0 })), /came without one/],
    ["takes a terminal over", () => first(toAlpha.attachTerminal(opening())), /nobody can sign AttachTerminal/],
    ["adds a host", () => toAlpha.addHost({ role: 1, tenantId: "team-a", host: "h", addresses: ["127.0.0.1:1"] }), /not allowed/],
    ["signs itself", async () => send(toAlpha, await signedBy(own, alpha, "m-2")), /an aggregator does nothing of its own/],
    [
      "signs as somebody of its own making",
      async () => send(toAlpha, await signedBy(await counterfeit(), alpha, "m-3")),
      /who signed it is not believed/,
    ],
    [
      "puts somebody's name to its own key",
      async () => send(toAlpha, await signedBy({ ...own, identity: ada }, alpha, "m-4")),
      /signature does not hold|an aggregator/,
    ],
    ["sends garbage for a capability", () => toAlpha.send(sent.request, headers("x.y.z")), /can't be read/],
  ];
  for (const [what, attempt, reason] of attempts) assert.match(await refusal(attempt()), reason, what);
  // The genuine ones are done, once, however often they come.
  for (let time = 0; time < 3; time += 1) await send(toAlpha, sent);
  await doReset(toAlpha, reset);
  assert.match(await refusal(doReset(toAlpha, reset)), /used before/, "replays a reset");
  assert.deepEqual([await inboxOf(alpha), await inboxOf(beta)], [["genuine-1", "genuine-2"], []]);
  const records = (await alpha.audit()).slice(before);
  const denied = records.filter(({ action }) => action === "call.deny");
  const allowed = records.filter(({ action }) => action === "call.allow");
  const onBeta = (await beta.audit()).filter(({ action }) => action === "call.deny").length;
  assert.equal(denied.length + onBeta, attempts.length + 1);
  assert.equal(allowed.length, 4);
  for (const { actor, facts } of denied) assert.match(`${actor} ${facts["relayed_by"] ?? ""}`, /aggregator\/taken-over/);
  assert.ok(
    allowed.every(({ actor, facts }) => actor === "tenant/team-a/user/ada" && facts["relayed_by"] === "aggregator/taken-over"),
  );
});

const ada = { kind: "user", fleet: FLEET, tenantId: "team-a", name: "ada" } as const;
const coder0 = { tenantId: "team-a", host: "alpha", name: "coder0" };

/** Lets an operator send and reset through the aggregator that was taken over, which keeps the calls instead. */
async function catchCalls(
  stack: AsyncDisposableStack,
  fleet: Awaited<ReturnType<typeof walledFleet>>,
  own: Credentials,
  upstream: FleetClient,
): Promise<{ sent: Caught<SendRequest>; reset: Caught<ResetRequest> }> {
  const caught: { sent?: Caught<SendRequest>; reset?: Caught<ResetRequest> } = {};
  const handlers = stubHandlers({
    list: async (request) => {
      const { agents, hosts } = await upstream.list({ selector: request.selector ?? {} });
      return { rows: agents, hosts, epoch: "e", rev: 0n, nextPageToken: "", isInconsistent: false };
    },
    send: async (request, { token = "" }) => {
      caught.sent = { request, token };
      return { receipt: { messageId: request.messageId, state: 2 } };
    },
    reset: async (request, { token = "" }) => {
      caught.reset = { request, token };
      return { receipt: { messageId: request.messageId, state: 2 }, command: "/clear" };
    },
  });
  const listen = [{ kind: "tls", hostname: "127.0.0.1", port: 0 }] as const;
  const tls = { identity: fixedIdentity(fleet.trust, own) };
  const server = stack.use(
    await serveFleet({ handlers, streams: new LiveStreams(), listen, tls, tracer: passThroughTracer, log: silentLog }),
  );
  const home = stack.use(await daemonHome({ name: "ada", fromSource: true }));
  await fleet.enrol(home, ada);
  const [endpoint] = server.endpoints.map(formatEndpoint);
  const mosaic = (...args: string[]) => home.mosaic(...args, "--endpoint", endpoint ?? "", "--wait", "entered");
  const ends = [
    await mosaic("agent", "send", "coder0", "-m", "please look", "--id", "genuine-1"),
    await mosaic("agent", "reset", "coder0", "--new", "--id", "genuine-2"),
  ];
  const { sent, reset } = caught;
  assert.ok(sent && reset, ends.map(({ stderr }) => stderr).join());
  assert.ok(sent.token !== "" && reset.token !== "");
  return { sent, reset };
}

function send(client: FleetClient, { request, token }: Caught<SendRequest>): Promise<unknown> {
  return client.send({ ...request, waitFor: 2, waitMs: 1000 }, headers(token));
}

function doReset(client: FleetClient, { request, token }: Caught<ResetRequest>): Promise<unknown> {
  return client.reset({ ...request, waitFor: 2, waitMs: 1000 }, headers(token));
}

function to({ request, token }: Caught<SendRequest>, tenantId: string, host: string, name: string): Caught<SendRequest> {
  return { request: { ...request, agent: create(AgentAddressSchema, { tenantId, host, name }) }, token };
}

async function signedBy(signer: Credentials, { hostId }: WalledHost, messageId: string): Promise<Caught<SendRequest>> {
  const request = create(SendRequestSchema, { agent: coder0, messageId, text: "forged" });
  const { requestSha256 = "" } = signedRequest("Send", request) ?? {};
  const deed = { method: "Send", target: `team-a/${hostId}/coder0`, requestSha256 };
  const { key, chain, identity: caller } = signer;
  const nowUnixMs = Date.now();
  const token = await signDeed(deed, { key, chain, caller, nowUnixMs, id: messageId, ttlMs: 86_400_000 });
  return { request, token };
}

/** Ada as an authority of its own making names her. */
async function counterfeit(): Promise<Credentials> {
  const { intermediate } = await createFleetCa(FLEET, Date.now());
  const key = newKey();
  const leaf = await issueLeaf(intermediate, { publicKey: publicKeyOf(key), identity: ada, nowUnixMs: Date.now() });
  return { identity: ada, key, chain: [leaf, intermediate.certificate] };
}

function headers(token: string) {
  return { headers: { "mosaic-capability": token } };
}

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    return `it was done: ${JSON.stringify(await call, (_key, value) => (typeof value === "bigint" ? String(value) : value))}`;
  } catch (thrown) {
    return fromConnectError(thrown, "call").message;
  }
}

async function first(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const message of stream) return message;
  return undefined;
}

async function* opening() {
  yield { step: { case: "open" as const, value: { agent: coder0 } } };
  await new Promise(() => {});
}

async function inboxOf({ home }: WalledHost): Promise<string[]> {
  const { items } = JSON.parse((await home.mosaic("message", "list", "--json")).stdout) as { items: { message_id: string }[] };
  return items.map(({ message_id: id }) => id).sort();
}
