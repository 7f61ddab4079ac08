import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { formatEnrolmentFile } from "@mosaic/identity";
import { FakeClock } from "@mosaic/testkit";
import { claimPort } from "./claim-port.ts";
import { defaultListen, type PortWorld } from "./default-listen.ts";

const noFiles = { read: async () => undefined, write: async () => {}, remove: async () => {}, list: async () => [] };

/** Ports of a host as a test wants them; claims are kept in memory. */
function ports(isFree: PortWorld["isFree"], isListening: PortWorld["isListening"] = async () => true) {
  const claims = new Set<number>();
  const claim: PortWorld["claim"] = async (port) => {
    if (claims.has(port)) return undefined;
    claims.add(port);
    return { [Symbol.asyncDispose]: async () => void claims.delete(port) };
  };
  return { isFree, claim, isListening, claims };
}

test("a second tenant of a host gets the next port, and a home that joins again the one it had", async () => {
  const asked: number[] = [];
  const world = ports(async (port) => asked.push(port) > 2);
  assert.deepEqual((await defaultListen(noFiles, "/m", world)).listen, ["0.0.0.0:8789"]);
  assert.deepEqual([asked, [...world.claims]], [[8787, 8788, 8789], [8789]]);
  const file = formatEnrolmentFile({ fleet: "acme", addresses: ["a:1"], listen: ["https://0.0.0.0:8788"], dialOut: "" });
  const again = await defaultListen({ ...noFiles, read: async () => file }, "/m", world);
  assert.deepEqual(again.listen, ["https://0.0.0.0:8788"]);
  await assert.rejects(
    defaultListen(
      noFiles,
      "/m",
      ports(async () => false),
    ),
    { code: "MACHINE" },
  );
});

test("of two joins at once the second takes another port, and does not even try the first one's", async () => {
  const asked: number[] = [];
  const world = ports(async (port) => asked.push(port) > 0);
  {
    await using first = await defaultListen(noFiles, "/one", world);
    await using second = await defaultListen(noFiles, "/two", world);
    assert.deepEqual([first.listen, second.listen], [["0.0.0.0:8787"], ["0.0.0.0:8788"]]);
  }
  assert.deepEqual(asked, [8787, 8788]);
  assert.deepEqual([...world.claims], []);
});

test("a port is claimed by one process at a time, and free again after one that was killed", async () => {
  // No join looks there.
  const port = 70_000 + process.pid;
  {
    await using own = await claimPort(port);
    assert.ok(own);
    assert.equal(await claimPort(port), undefined);
  }
  const source = `import { claimPort } from ${JSON.stringify(join(import.meta.dirname, "claim-port.ts"))};
    console.log((await claimPort(${port})) === undefined ? "taken" : "claimed");
    setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [said] = await once(other.stdout, "data");
    assert.equal(String(said).trim(), "claimed");
    assert.equal(await claimPort(port), undefined);
  } finally {
    other.kill("SIGKILL");
    await once(other, "close");
  }
  await using again = await claimPort(port);
  assert.ok(again);
});

test("a node that was started is waited for until it listens, and no longer than 10 s", async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  let looks = 0;
  const soon = await defaultListen(
    noFiles,
    "/m",
    ports(
      async () => true,
      async (hostname, port) => {
        assert.deepEqual([hostname, port], ["0.0.0.0", 8787]);
        looks += 1;
        return looks > 3;
      },
    ),
  );
  const served = soon.isServed(clock, signal);
  await clock.advance(1000);
  assert.deepEqual([await served, looks], [true, 4]);
  const never = await defaultListen(
    noFiles,
    "/m",
    ports(
      async () => true,
      async () => false,
    ),
  );
  const silent = never.isServed(clock, signal);
  await clock.advance(11_000);
  assert.equal(await silent, false);
});
