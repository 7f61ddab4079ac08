/** This host's daemon kept by the real command on a real systemd of the user's own; and what the doctor finds there when it is
 *  broken for real. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { needsSystemd } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { type RealHost, realHost, sleeper } from "./real-host.ts";

interface Changed {
  readonly change: string;
  readonly listen: readonly string[];
  readonly enablement: string;
  readonly next: string;
}

interface Doctored {
  readonly items: readonly { readonly check: string; readonly severity: string; readonly found: string; readonly next: string }[];
  readonly fixes: readonly { readonly check: string; readonly problem: string }[];
}

const isActive = (host: RealHost) => host.manager?.systemctl("show", "--value", "-p", "ActiveState", "mosaic-aggregator.service");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function amiss(host: RealHost, only: string, more = ""): Promise<readonly string[]> {
  const { items } = await host.json<Doctored>(`doctor --only ${only} ${more}`);
  return items.filter(({ severity }) => severity !== "ok" && severity !== "none").map(({ check, next }) => `${check}: ${next}`);
}

test(
  "a node is installed, started, probed and taken off its address, and the doctor tells what breaks",
  needsSystemd,
  async (context) => {
    const host = await realHost(context, { hasSystemd: true });
    await host.writeRoster([sleeper("lead")]);
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const unit = join(host.unitDirectory, "mosaic-node.service");

    await test("install writes and enables the unit once", async () => {
      const planned = await host.json<Changed>(`gateway install --port ${port} --dry-run`);
      assert.deepEqual([planned.change, planned.enablement, planned.listen], ["create", "enable", [address]]);
      await assert.rejects(stat(unit), /ENOENT/);
      const done = await host.json<Changed>(`gateway install --port ${port}`);
      assert.deepEqual([done.change, done.next], ["create", "mosaic gateway start --role node"]);
      const again = await host.json<Changed>(`gateway install --port ${port}`);
      assert.deepEqual([again.change, again.enablement, again.next], ["keep", "keep", ""]);
    });

    await test("a whole installation keeps the address", async () => {
      assert.equal((await host.mosaic("fleet install-systemd")).exitCode, 0);
      assert.ok((await readFile(unit, "utf8")).includes(`"--listen" "${address}"`));
    });

    await test("start waits until it answers, and a probe of the address is healthy", async () => {
      const { items } = await host.json<{ items: readonly { outcome: string; pid: number }[] }>("gateway start");
      assert.deepEqual(
        items.map(({ outcome }) => outcome),
        ["started"],
      );
      const probed = await host.json<{ verdict: string }>(`gateway probe --endpoint ${address}`);
      assert.equal(probed.verdict, "healthy", JSON.stringify(probed));
      const status = await host.json<{ items: readonly { answers: boolean; active: string; pid: number }[] }>("gateway status");
      assert.deepEqual(
        [status.items[0]?.answers, status.items[0]?.active, status.items[0]?.pid],
        [true, "active", items[0]?.pid],
      );
      assert.deepEqual(await amiss(host, "node,port,sockets,unit-files,unit-programs,installation,reload,units,version"), []);
    });

    await test("the doctor finds a socket that is open to others, and mends it", async () => {
      const socket = join(host.mosaicHome, "fleet/run/node.sock");
      await chmod(socket, 0o666);
      assert.deepEqual(await amiss(host, "sockets"), [`sockets: chmod 600 ${socket}`]);
      assert.deepEqual(await amiss(host, "sockets", "--fix"), []);
      assert.equal((await stat(socket)).mode & 0o777, 0o600);
      assert.equal((await host.audited()).at(-1), "doctor.fix");
    });

    await test("the doctor finds a unit that was edited, lets systemd read it, and says how to edit it for good", async () => {
      const text = await readFile(unit, "utf8");
      // Its time of change has whole seconds to systemd 252, which compares it with that of its reading.
      await writeFile(unit, text.replace("RestartSec=2", "RestartSec=20"));
      const found = await amiss(host, "unit-files,installation,reload");
      const keeping = "  # first, for what is to stay: systemctl --user edit mosaic-node.service";
      assert.ok(found.includes(`unit-files: mosaic fleet install-systemd${keeping}`), found.join());
      assert.ok(found.includes("installation: mosaic fleet install-systemd --dry-run"), found.join());
      await writeFile(unit, text);
      assert.deepEqual(await amiss(host, "unit-files,installation"), []);
    });

    await test("the doctor finds the node that does not run, and the program that has its port", async () => {
      assert.equal((await host.mosaic("gateway stop")).exitCode, 0);
      assert.deepEqual(await amiss(host, "node,port"), ["node: mosaic gateway start --role node"]);
      const stranger = createServer().listen(port, "127.0.0.1");
      await once(stranger, "listening");
      const found = await amiss(host, "port");
      const { stderr } = await host.mosaic(`gateway install --port ${port}`);
      stranger.close();
      assert.deepEqual(found, [`port: ss -ltnp 'sport = :${port}'`]);
      assert.match(stderr, /^another program listens at \S+, and mosaic-node does not start while it does: mosaic gateway/m);
    });

    await test("an aggregator is kept beside it, and goes without a trace", async () => {
      const other = await freePort();
      await writeFile(join(host.mosaicHome, "fleet/hosts.yaml"), "[]\n");
      const done = await host.json<Changed>(`gateway install --role aggregator --port ${other}`);
      assert.deepEqual([done.change, done.enablement, done.next], ["create", "enable", "mosaic gateway start --role aggregator"]);
      assert.equal((await host.mosaic("gateway start --role aggregator")).exitCode, 0);
      const probed = await host.json<{ verdict: string }>(`gateway probe --endpoint http://127.0.0.1:${other}`);
      assert.equal(probed.verdict, "healthy", JSON.stringify(probed));
      assert.equal((await host.json<Changed>("gateway uninstall --role aggregator --stop")).change, "remove");
      assert.equal(await isActive(host), "inactive");
    });

    await test("uninstall leaves the fleet's node, without an address", async () => {
      const done = await host.json<Changed>("gateway uninstall");
      assert.deepEqual([done.change, done.listen], ["update", []]);
      assert.equal((await readFile(unit, "utf8")).includes("--listen"), false);
      const actions = (await host.audited()).filter((action) => action.startsWith("gateway."));
      assert.deepEqual([...new Set(actions)], ["gateway.install", "gateway.start", "gateway.stop", "gateway.uninstall"]);
    });
  },
);
