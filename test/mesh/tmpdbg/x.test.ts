/** A node's port with TLS, at which is thrown: TLS records that are none, malformed messages by a member of the fleet, and any by
 *  somebody without a certificate. 200,000 of them with MOSAIC_TEST_LONG=1. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import type { Credentials } from "@mosaic/identity";
import { parseEndpoint } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { daemonHome, quietRoster } from "/work/main/test/mesh/daemon-home.ts";
import { attack, messageThrower, mixedThrower, once, type Thrower } from "/work/main/test/mesh/fuzz-attack.ts";
import { assertFlat, footprint, SMALL_HEAP } from "/work/main/test/mesh/fuzz-footprint.ts";
import { badRecords } from "/work/main/test/mesh/fuzz-input.ts";
import { FLEET, walledFleet } from "/work/main/test/mesh/walled-fleet.ts";

const IS_LONG = process.env["MOSAIC_TEST_LONG"] === "1";
const ATTEMPTS = Number(process.env["MOSAIC_TEST_ATTEMPTS"] ?? (IS_LONG ? 200_000 : 1200));
/** 32 greetings at once take their time. */
const FIRST_MS = 1500;
const SEED = Number(process.env["MOSAIC_TEST_SEED"] ?? 20_261_121);

test(`${ATTEMPTS} malformed records, frames and messages neither end nor fill a node with TLS (seed ${SEED})`, {
  timeout: IS_LONG ? 3_600_000 : 120_000,
}, async (context) => {
  const fleet = await walledFleet();
  await using home = await daemonHome({ nodeFlags: SMALL_HEAP });
  const hostId = randomUUID();
  await home.write("fleet/host_id", `${hostId}\n`);
  await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
  const identity = { kind: "node", fleet: FLEET, tenantId: "team-a", hostId } as const;
  await fleet.enrol(home, identity, "grants:\n  - { role: operator, tenant: team-a, who: user/ada }\n");
  const node = await home.serves("node", "--no-systemd", "--listen", "https://127.0.0.1:0", "--log-level", "error");
  const endpoint = parseEndpoint(node.record.endpoints.find((text) => text.startsWith("https:")) ?? "");
  const port = "port" in endpoint ? endpoint.port : 0;
  const ada = await fleet.credentialsOf({ kind: "user", fleet: FLEET, tenantId: "team-a", name: "ada" });
  const thrower = mixedThrower([
    [0.25, recordThrower(port, await greeting())],
    [0.65, messageThrower((protocol) => tls(port, protocol, ada), 0.3, FIRST_MS)],
    [0.1, messageThrower((protocol) => tls(port, protocol), 0.3, FIRST_MS)],
  ]);
  await attack(300, SEED - 1000, thrower);
  const before = footprint(node.pid);
  const fds = () => { const {readdirSync,readlinkSync}=process.getBuiltinModule("node:fs"); const c: Record<string,number>={}; for (const f of readdirSync(`/proc/${node.pid}/fd`)) { let l=""; try { l=readlinkSync(`/proc/${node.pid}/fd/${f}`).replace(/[0-9]+/g,"N"); } catch {} c[l]=(c[l]??0)+1; } return JSON.stringify(c); };
  console.error("before", fds());
  const told = await attack(ATTEMPTS, SEED, thrower, (thrown) => process.stderr.write(`${thrown} thrown\n`));
  const cp = process.getBuiltinModule("node:child_process");
  for (let k = 0; k < 30; k++) {
    console.error(new Date().toISOString(), fds().slice(0, 30), process.getBuiltinModule("node:fs").readdirSync(`/proc/${node.pid}/fd`).length);
    console.error(cp.execFileSync("ss", ["-tnpa"]).toString().split("\n").filter((l) => l.includes(`pid=${node.pid},`) || l.includes(`:${port} `)).filter((l) => !l.includes("TIME-WAIT")).slice(0, 12).join("\n"));
    if (k > 2 && process.getBuiltinModule("node:fs").readdirSync(`/proc/${node.pid}/fd`).length <= before.files) break;
    await new Promise((r) => setTimeout(r, 4000));
  }
  const client = fleet.clientOf(endpoint, ada);
  const { agents } = await client.client.list({});
  assert.equal(agents.length, 1, `seed ${SEED}`);
  await client[Symbol.asyncDispose]();
  context.diagnostic(JSON.stringify({ ...told, ...(await assertFlat(node.pid, before, `seed ${SEED}`)) }));
  assert.ok(told.answered > 0 && told.cut > 0, JSON.stringify(told));
});

/** @param who without: somebody with no certificate */
function tls(port: number, protocol: string, who?: Credentials): Duplex {
  const own = who && { key: who.key.export({ type: "pkcs8", format: "pem" }), cert: who.chain.map(String).join("") };
  // Who listens there is not the question here.
  const settings = { rejectUnauthorized: false, minVersion: "TLSv1.3", ALPNProtocols: [protocol] } as const;
  return connectTls({ port, host: "127.0.0.1", ...settings, ...own }).on("error", () => {});
}

function recordThrower(port: number, begin: Buffer): Thrower {
  return (random) => ({
    throwOne: () => once(() => connectTcp(port, "127.0.0.1").on("error", () => {}), badRecords(random, begin), 1),
    end: () => {},
  });
}

/** The first bytes that a client of TLS says. */
async function greeting(): Promise<Buffer> {
  const said: Buffer[] = [];
  const ear = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      said.push(chunk);
      done();
    },
  });
  const client = connectTls({ socket: ear, minVersion: "TLSv1.3" }).on("error", () => {});
  await eventually("a client greets", () => said.length > 0);
  client.destroy();
  return Buffer.concat(said);
}
