import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Clock, MosaicError, silentLog } from "@mosaic/core";
import { systemClock } from "../system-clock.ts";
import { connectSystemd } from "./connect-systemd.ts";

const never = new AbortController().signal;
/** 5 s are 100 ms. */
const hurriedClock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) };

/** Something at the manager's socket that is no manager. */
async function impostor(context: TestContext, behave: (socket: Socket) => void) {
  const runtimeDirectory = await mkdtemp(join(tmpdir(), "mosaic-impostor-"));
  await mkdir(join(runtimeDirectory, "systemd"));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(join(runtimeDirectory, "systemd/private"), resolve));
  const systemd = connectSystemd({ clock: hurriedClock, log: silentLog, runtimeDirectory });
  context.after(async () => {
    await systemd[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(runtimeDirectory, { recursive: true });
  });
  return { systemd, attempts: () => sockets.size };
}

const HANDSHAKE_OK = "OK 0123456789abcdef0123456789abcdef\r\n";

/** Accepts whoever comes, and from then on says what it is told to, once. */
function welcome(socket: Socket, afterwards: Buffer | undefined): void {
  let isWelcome = false;
  socket.on("data", () => {
    if (!isWelcome) socket.write(HANDSHAKE_OK);
    else if (afterwards !== undefined) socket.write(afterwards);
    isWelcome = true;
  });
}

async function readFailure(systemd: ReturnType<typeof connectSystemd>): Promise<MosaicError> {
  const error = await systemd.read(["*"], never).then(
    () => assert.fail("it was read"),
    (thrown: unknown) => thrown,
  );
  return error instanceof MosaicError ? error : assert.fail(String(error));
}

test("one that hangs up at once is said to turn us away, and is not stormed", async (t) => {
  const { systemd, attempts } = await impostor(t, (socket) => socket.destroy());
  const error = await readFailure(systemd);
  assert.equal(error.code, "MACHINE");
  assert.match(error.message, /cannot talk to systemd's user manager at ".*private": it turned the connection away/);
  assert.ok(attempts() <= 2, `${attempts()} attempts`);
});

test("one that never greets is given up after 5 s", async (t) => {
  const { systemd } = await impostor(t, () => {});
  const error = await readFailure(systemd);
  assert.equal(error.code, "MACHINE");
  assert.match(error.message, /does not answer|gave no answer within 5 s/);
});

test("one that greets and never answers is given up after 5 s, with its connection", async (t) => {
  const { systemd, attempts } = await impostor(t, (socket) => welcome(socket, undefined));
  assert.match((await readFailure(systemd)).message, /gave no answer within 5 s/);
  assert.match((await readFailure(systemd)).message, /gave no answer within 5 s/);
  assert.equal(attempts(), 2);
});

test("one that talks something else is said to be lost, and does no harm", async (t) => {
  const { systemd } = await impostor(t, (socket) => welcome(socket, Buffer.alloc(64, "?")));
  const error = await readFailure(systemd);
  assert.equal(error.code, "MACHINE");
  assert.match(error.message, /Invalid byte order/);
});

test("one that says no is said to turn us away", async (t) => {
  const { systemd } = await impostor(t, (socket) => socket.on("data", () => socket.write("REJECTED EXTERNAL\r\n")));
  assert.match((await readFailure(systemd)).message, /turned the connection away/);
});

test("who leaves is told so, also when it left before", async (t) => {
  const { systemd } = await impostor(t, () => {});
  const gone = AbortSignal.abort();
  await assert.rejects(systemd.read(["*"], gone), { code: "CANCELLED" });
  await assert.rejects(systemd.start("a.service", gone), { code: "CANCELLED" });
  const leaving = new AbortController();
  const reading = systemd.read(["*"], leaving.signal);
  leaving.abort();
  await assert.rejects(reading, { code: "CANCELLED" });
});

test("after its end nothing is connected and every call says so", async (t) => {
  const { systemd, attempts } = await impostor(t, () => {});
  const waiting = systemd.read(["*"], never);
  const ended = systemd[Symbol.asyncDispose]();
  await assert.rejects(waiting, { code: "CANCELLED" });
  await ended;
  const before = attempts();
  await assert.rejects(systemd.read(["*"], never), { code: "CANCELLED" });
  assert.equal(attempts(), before);
});
