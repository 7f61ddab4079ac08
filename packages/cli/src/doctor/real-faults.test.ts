/** Faults that are really there: files, programs and sockets on this machine, looked at by the command as it is shipped. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { takeFileLock } from "@mosaic/host";
import { createFleetCa } from "@mosaic/identity";
import { fleetPaths } from "@mosaic/lifecycle";
import { runCli } from "../cli.ts";
import { memoryIo } from "../io/memory-io.ts";
import { locateFramework } from "../local/installation.ts";
import { memoryRemote } from "../remote/memory-remote.ts";
import type { DoctorAnswer } from "./doctor-answer.ts";
import { anIntent } from "./faults/upgrade-faults-for-tests.ts";
import { writeIdentity } from "./sound-world-for-tests.ts";

interface RealPlace {
  readonly folder: string;
  readonly env: Record<string, string>;
  write(path: string, text: string, mode?: number): Promise<void>;
  onEnd(work: () => unknown): void;
}

interface RealFault {
  readonly name: string;
  readonly plant: (place: RealPlace) => Promise<unknown>;
  readonly check: string;
  readonly found: RegExp;
  readonly next: RegExp;
}

const HOUR_MS = 3_600_000;
const roster = (agent: string) => `version: 1\ntransport: tmux\ntenant: team-a\nhost: alpha\nagents:\n  - ${agent}\n`;
const CLAUDE = "{ name: lead, runtime: claude, working_directory: / }";

const FAULTS: readonly RealFault[] = [
  {
    name: "tmux that is too old",
    plant: ({ write, folder, env }) => {
      env["PATH"] = `${folder}/bin`;
      return write("bin/tmux", "#!/bin/sh\necho tmux 2.9a\n", 0o755);
    },
    check: "tmux",
    found: /2\.9a is too old/,
    next: /apt install tmux/,
  },
  {
    name: "tmux that is missing",
    plant: async ({ env, folder }) => {
      env["PATH"] = `${folder}/bin`;
    },
    check: "tmux",
    found: /is not installed/,
    next: /apt install tmux/,
  },
  {
    name: "a roster with a fault in it",
    plant: ({ write }) => write("fleet/roster.yaml", roster("{ name: lead, runtime: clod }")),
    check: "roster",
    found: /roster\.yaml:6:\d+/,
    next: /^mosaic agent roster$/,
  },
  {
    name: "a runtime on the PATH of the shell only",
    plant: async ({ write, folder, env }) => {
      env["PATH"] = `${folder}/shell`;
      await write("shell/claude", "#!/bin/sh\n", 0o755);
      await write("fleet/roster.yaml", roster(CLAUDE));
    },
    check: "programs",
    found: /runtime claude: .*\/shell\/claude is on the PATH of this shell only/,
    next: /^export MOSAIC_AGENT_PATH=.*\/shell$/,
  },
  {
    name: "a PATH in an installed agent's environment that leads nowhere any more",
    plant: async ({ write }) => {
      await write("fleet/roster.yaml", roster(CLAUDE));
      await write("fleet/agents/lead.env", 'PATH="/opt/node-that-was-removed/bin"\n');
    },
    check: "pane-path",
    found: /in the pane of lead: /,
    next: /^mosaic fleet install-systemd && mosaic fleet restart lead$/,
  },
  {
    name: "a stale hook among what was copied to the host",
    plant: async ({ write, folder }) => {
      await write("fleet/roster.yaml", roster(CLAUDE));
      await cp(locateFramework(), join(folder, "framework"), { recursive: true });
      const hook = join(folder, "framework/runtimes/hook");
      await writeFile(hook, `${await readFile(hook, "utf8")}\n# from before the upgrade\n`);
    },
    check: "hooks",
    found: /is not the one that this program ships/,
    next: /^mosaic fleet install-systemd$/,
  },
  {
    name: "a message store that is no database",
    plant: ({ write }) => write("fleet/messages/inbox.db", "not a database ".repeat(500)),
    check: "messages",
    found: /the inbox: /,
    next: /^mosaic message repair --dry-run$/,
  },
  {
    name: "a certificate that is over",
    plant: async ({ write, folder }) => identity(folder, write, 30),
    check: "certificate",
    found: /the daemon's certificate ended/,
    next: /^mosaic gateway restart --role node$/,
  },
  {
    name: "a certificate near its end",
    plant: async ({ write, folder }) => identity(folder, write, 20),
    check: "certificate",
    found: /ends in \dh, and is not being renewed/,
    next: /journalctl/,
  },
  {
    name: "roots of another fleet",
    plant: async ({ write, folder }) => identity(folder, write, 1, await createFleetCa("acme", Date.now() - 48 * HOUR_MS)),
    check: "fleet-trust",
    found: /no authority of this fleet has signed/,
    next: /^mosaic host join <line>$/,
  },
  {
    name: "a key that others may read",
    plant: async ({ write, folder }) => {
      await identity(folder, write, 1);
      await chmod(join(folder, "fleet/identity/credentials.pem"), 0o640);
    },
    check: "identity-files",
    found: /others may read the key/,
    next: /^chmod 600 /,
  },
  {
    name: "a port that another program has",
    plant: async ({ write, folder, env, onEnd }) => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      onEnd(() => server.close());
      const { port } = server.address() as { port: number };
      env["XDG_CONFIG_HOME"] = `${folder}/config`;
      const unit = `[Service]\nExecStart="/bin/node" "--listen" "http://127.0.0.1:${port}"\n`;
      await write("config/systemd/user/mosaic-node.service", unit);
    },
    check: "port",
    found: /http:\/\/127\.0\.0\.1:\d+ of mosaic-node\.service is taken by another program/,
    next: /^ss -ltnp 'sport = :\d+'$/,
  },
  {
    name: "a socket that others may connect to",
    plant: async ({ folder, onEnd }) => {
      const path = join(folder, "fleet/run/node.sock");
      const server = createServer().listen(path);
      await once(server, "listening");
      onEnd(() => server.close());
      await chmod(path, 0o666);
    },
    check: "sockets",
    found: /others may connect/,
    next: /^chmod 600 /,
  },
  {
    name: "a record of a process that is gone",
    plant: ({ write }) => write("fleet/run/node.json", JSON.stringify({ role: "node", pid: 2 ** 30, endpoints: [] })),
    check: "left-behind",
    found: /which is no mosaic-node/,
    next: /^rm /,
  },
  {
    name: "what an upgrade that was killed left",
    plant: ({ write, folder }) =>
      write("home/.local/share/mosaic/upgrade.json", JSON.stringify(anIntent({ paths: fleetPaths(folder) }))),
    check: "upgrade",
    found: /half done \(verifying\): no version is linked, mosaic-node does not answer any more$/,
    next: /^mosaic upgrade 1\.1\.0 {2}# goes on; mosaic rollback goes back to 1\.0\.0$/,
  },
];

describe("the doctor on this machine", () => {
  for (const { name, plant, check, found, next } of FAULTS) {
    test(`finds ${name}`, async (context) => {
      const place = await realPlace(context);
      await plant(place);
      const io = memoryIo({ env: place.env });
      const argv = ["doctor", "--json", "--only", check, "--mosaic-home", place.folder];
      await runCli(argv, io, { deps: { remote: memoryRemote({}) } });
      const { items } = JSON.parse(io.stdout.text) as DoctorAnswer;
      const fits = items.find((item) => found.test(item.found));
      assert.ok(fits, io.stdout.text);
      assert.match(fits.next, next);
    });
  }
});

test("an upgrade that is under way is told from one that was left, by its lock", async (context) => {
  const { folder, env, write } = await realPlace(context);
  const root = join(folder, "home/.local/share/mosaic");
  await write(join(root, "upgrade.json"), JSON.stringify(anIntent({ paths: fleetPaths(folder) })));
  const severity = async () => {
    const io = memoryIo({ env });
    const argv = ["doctor", "--json", "--only", "upgrade", "--mosaic-home", folder];
    await runCli(argv, io, { deps: { remote: memoryRemote({}) } });
    return (JSON.parse(io.stdout.text) as DoctorAnswer).items[0]?.severity;
  };
  {
    using lock = await takeFileLock(join(root, "upgrade.lock"));
    assert.ok(lock);
    assert.equal(await severity(), "ok");
  }
  assert.equal(await severity(), "bad");
  using again = await takeFileLock(join(root, "upgrade.lock"));
  assert.ok(again, "the doctor gave the lock back");
});

async function realPlace(context: TestContext): Promise<RealPlace> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-real-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "fleet/run"), { recursive: true, mode: 0o700 });
  const write: RealPlace["write"] = async (path, text, mode = 0o600) => {
    const target = path.startsWith("/") ? path : join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    await chmod(target, mode);
  };
  const onEnd: RealPlace["onEnd"] = (work) => context.after(() => void work());
  return { folder, env: { HOME: join(folder, "home"), PATH: "/usr/bin:/bin", LANG: "C.UTF-8" }, write, onEnd };
}

async function identity(
  folder: string,
  write: RealPlace["write"],
  hoursAgo: number,
  rootsOf?: Awaited<ReturnType<typeof createFleetCa>>,
) {
  const ca = await createFleetCa("acme", Date.now() - 48 * HOUR_MS);
  const issuedAtMs = Date.now() - hoursAgo * HOUR_MS;
  await writeIdentity(folder, ca, write, { issuedAtMs, ...(rootsOf ? { rootsOf } : {}) });
}
