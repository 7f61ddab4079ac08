/** A node that anybody on its port throws anything at: frames, messages and bytes that are none, from a seed that a failure names.
 *  1 million of them with MOSAIC_TEST_LONG=1. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { eventually, pick, seededRandom } from "@mosaic/testkit";
import { FleetService } from "@mosaic/wire";
import { daemonHome, quietRoster } from "./daemon-home.ts";
import { rawCall } from "./raw-call.ts";

const IS_LONG = process.env["MOSAIC_TEST_LONG"] === "1";
const ATTEMPTS = IS_LONG ? 1_000_000 : 4000;
const SEED = Number(process.env["MOSAIC_TEST_SEED"] ?? 20_261_121);
const AT_ONCE = 32;
/** What a process in such a heap may grow by and still be flat. */
const FLAT_KIB = 96 * 1024;
const METHODS = FleetService.methods.map(({ name }) => name);

test(`${ATTEMPTS} malformed frames and messages neither end nor fill a node (seed ${SEED})`, {
  timeout: IS_LONG ? 3_600_000 : 120_000,
}, async (context) => {
  // In a small heap, so that what is kept of each attempt ends it, and what is only not collected yet is no growth.
  await using home = await daemonHome({ nodeFlags: ["--max-old-space-size=96", "--max-semi-space-size=4"] });
  await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
  const node = await home.serves("node", "--listen", "127.0.0.1:0", "--log-level", "error");
  const url = node.record.endpoints.find((endpoint) => endpoint.startsWith("http")) ?? "";
  const port = Number(new URL(url).port);
  const random = seededRandom(SEED);
  // Once before, so that what is loaded with the first of a kind does not count as growth.
  await attack(port, random, 1000);
  const before = { rssKib: rssKib(node.pid), files: openFiles(node.pid) };
  const startedMs = performance.now();
  const told = await attack(port, random, ATTEMPTS);
  const seconds = (performance.now() - startedMs) / 1000;
  const reply = await rawCall({ port }, "List");
  assert.equal(reply.status, 200, `seed ${SEED}: ${reply.body}`);
  assert.equal(JSON.parse(reply.body).agents.length, 1);
  await eventually(`the connections end (seed ${SEED})`, () => openFiles(node.pid) <= before.files + 4, 20_000);
  const grownKib = rssKib(node.pid) - before.rssKib;
  const figures = {
    attempts: ATTEMPTS,
    seconds: Math.round(seconds),
    rss_before_kib: before.rssKib,
    grown_kib: grownKib,
    ...told,
  };
  context.diagnostic(JSON.stringify(figures));
  assert.ok(grownKib < FLAT_KIB, `seed ${SEED}: it grew by ${grownKib} KiB`);
  assert.ok(told.answered > 0 && told.cut > 0, JSON.stringify(told));
});

interface Told {
  /** Attempts that got an answer. */
  answered: number;
  /** Attempts on which the server hung up, or said nothing. */
  cut: number;
}

async function attack(port: number, random: () => number, count: number): Promise<Told> {
  const told: Told = { answered: 0, cut: 0 };
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const isAnswered = await attempt(port, random, agent);
      if (isAnswered) told.answered += 1;
      else told.cut += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  agent.destroy();
  return told;
}

// Most are requests: bytes that are none end at the parser, which is Node's.
function attempt(port: number, random: () => number, agent: Agent): Promise<boolean> {
  const kind = random();
  if (kind < 0.05) return exchange(port, bytes(random, 400));
  if (kind < 0.15) return exchange(port, Buffer.concat([PREFACE, ...frames(random)]));
  return call(port, random, agent);
}

const TYPES = [
  ...["application/json", "application/proto", "application/grpc", "application/grpc+proto", "application/grpc-web+proto"],
  ...["application/connect+json", "application/connect+proto", "text/plain", ""],
];

function call(port: number, random: () => number, agent: Agent): Promise<boolean> {
  const type = pick(TYPES, random);
  const body = bodyFor(type, random);
  const headers = {
    ...{ "content-type": type, "content-length": body.length },
    ...(random() < 0.1 ? { "connect-timeout-ms": pick(["-1", "x", "1", "99999999999"], random) } : {}),
    ...(random() < 0.1 ? { "content-encoding": pick(["gzip", "br", "identity"], random) } : {}),
    ...(random() < 0.1 ? { traceparent: pick(["00", "x".repeat(300), "00-0-0-00"], random) } : {}),
    ...(random() < 0.1 ? { "mosaic-capability": bytes(random, 60).toString("base64") } : {}),
  };
  const path = `/mosaic.fleet.v1.FleetService/${random() < 0.95 ? pick(METHODS, random) : bytes(random, 9).toString("hex")}`;
  return new Promise((resolve) => {
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", agent, headers }, (reply) => {
      reply.resume();
      // A stream that would go on is left, as a client does that has seen enough.
      const limit = setTimeout(() => reply.destroy(), 50);
      reply.once("close", () => {
        clearTimeout(limit);
        resolve(true);
      });
      reply.on("error", () => {});
    });
    sent.setTimeout(2000, () => sent.destroy());
    sent.on("error", () => resolve(false));
    sent.end(body);
  });
}

function bodyFor(type: string, random: () => number): Buffer {
  const message = type.includes("json") ? json(random) : bytes(random, 200);
  if (!/grpc|connect/.test(type) || random() < 0.2) return message;
  const head = Buffer.alloc(5);
  head[0] = random() < 0.8 ? 0 : Math.floor(random() * 256);
  head.writeUInt32BE(random() < 0.8 ? message.length : Math.floor(random() * 2 ** 32), 1);
  return Buffer.concat([head, message]);
}

const FIELDS = [
  "agent",
  "messageId",
  "text",
  "selector",
  "waitMs",
  "waitFor",
  "resumeToken",
  "lines",
  "policy",
  "x",
  "__proto__",
];

function json(random: () => number): Buffer {
  const value = (depth: number): unknown => {
    const kind = Math.floor(random() * (depth > 3 ? 5 : 7));
    if (kind === 0) return null;
    if (kind === 1) return random() < 0.5 ? -1 : 2 ** Math.floor(random() * 70);
    if (kind === 2) return bytes(random, 20).toString("latin1");
    if (kind === 3) return random() < 0.5;
    if (kind === 4) return "a".repeat(Math.floor(random() * 3000));
    if (kind === 5) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
    return Object.fromEntries(Array.from({ length: Math.floor(random() * 5) }, () => [pick(FIELDS, random), value(depth + 1)]));
  };
  const text = JSON.stringify(value(0)) ?? "";
  return Buffer.from(random() < 0.2 ? text.slice(0, Math.floor(random() * text.length)) : text);
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

function frames(random: () => number): Buffer[] {
  const settings = frame(4, 0, 0, Buffer.alloc(0));
  return [settings, ...Array.from({ length: 1 + Math.floor(random() * 6) }, () => anyFrame(random))];
}

function anyFrame(random: () => number): Buffer {
  const [type, flags, stream] = [Math.floor(random() * 12), Math.floor(random() * 256), Math.floor(random() * 8)];
  const payload = bytes(random, 80);
  const made = frame(type, flags, stream, payload);
  // A length that is not that of what follows.
  if (random() < 0.2) made.writeUIntBE(Math.floor(random() * 2 ** 24), 0, 3);
  return made;
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function exchange(port: number, sent: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, "127.0.0.1", () => socket.write(sent));
    let isAnswered = false;
    socket.on("data", () => {
      isAnswered = true;
    });
    // Half a frame waits for its rest: nobody waits with it.
    socket.setTimeout(30, () => socket.destroy());
    socket.on("error", () => {});
    socket.once("close", () => resolve(isAnswered));
  });
}

function bytes(random: () => number, most: number): Buffer {
  return Buffer.from(Array.from({ length: Math.floor(random() * most) }, () => Math.floor(random() * 256)));
}

function rssKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
