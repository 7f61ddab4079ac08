/** A fleet whose home turns read-only, and then full, under its running node; and a node whose message store is read-only or damaged. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { MOSAIC } from "../mesh/demo-fleet.ts";
import { hostIn, itemIn, type PsAnswer } from "../mesh/ps-answer.ts";
import { type DiskHost, startDiskHost } from "./disk-host.ts";
import { labObstacle } from "./lab-obstacle.ts";

const FLEET = ".config/mosaic/fleet";
const AUDIT = `${FLEET}/audit.jsonl`;
const ROSTER = `${FLEET}/roster.yaml`;
const FILLER = ".config/filler";
const NODE = MOSAIC[1].replace("cli/bin/mosaic.mjs", "node/bin/mosaic-node.mjs");
/** Where the node is asked when nobody can get to its socket. */
const LISTEN = "127.0.0.1:8787";
const NO_MESSAGE = /^STORE_UNAVAILABLE: no message is taken: the message store ".*inbox\.db" /;
const NO_ROOM =
  /message store ".*inbox\.db" (can't be written: no space is left on the disk|takes no more: .* of its disk are free)/;

/** Prints so much that a disk without room is felt at once. */
const LOUD = "while :; do head -c 3000 /dev/urandom | base64; sleep 0.3; done";

function rosterOf(recording: string): string {
  return `version: 1
transport: tmux
host: disk
defaults: { working_directory: "~" }
agents:
  - { name: lead, runtime: stub }
  - { name: loud, runtime: command, command: [sh, -c, ${JSON.stringify(LOUD)}]${recording} }
`;
}

describe("a home that can't be written any more", { skip: labObstacle() ?? false }, () => {
  let disk: DiskHost;

  before(async () => {
    disk = await startDiskHost("disk", AbortSignal.timeout(60_000));
    await disk.run("mkdir", "-p", FLEET);
    await disk.host.run(0, ["tee", ROSTER], { stdin: rosterOf("") });
    await disk.succeed("fleet", "install-systemd", "--listen", LISTEN);
    await disk.succeed("fleet", "start");
    await disk.succeed("fleet", "verify", "--wait", "30s");
    await disk.nodeAnswers();
    await isTaken("first");
  });

  after(() => disk?.[Symbol.asyncDispose]());

  const send = (id: string) => ["agent", "send", "lead", "--id", id, "--message", `message ${id}`, "--verify"];
  const isTaken = (id: string) => disk.succeed(...send(id));
  const row = async (name: string) => itemIn(await disk.ps(), "disk", name);
  const hash = () =>
    disk.run(
      "sh",
      "-c",
      "find .config -type f ! -name '*.hb*' ! -name filler ! -path '*/messages/*' ! -path '*/events/*' -exec sha256sum {} + | sort -k2",
    );

  /** The ids of all messages that are known. */
  async function known(): Promise<string[]> {
    const { items } = JSON.parse(await disk.succeed("message", "list", "--json")) as { items: { message_id: string }[] };
    return items.map((item) => item.message_id).sort();
  }

  /** What goes on whatever becomes of the disk. */
  async function readsGoOn(): Promise<void> {
    const answer = await disk.ps();
    assert.deepEqual([answer.complete, hostIn(answer, "disk").state], [true, "LIVE"]);
    assert.notEqual(answer.via, "direct");
    const lead = itemIn(answer, "disk", "lead");
    assert.deepEqual([lead.heartbeat?.health, lead.heartbeat?.evidence], ["healthy", "hook"]);
    assert.match(await disk.succeed("agent", "tail", "loud", "-n", "3"), /\S/);
  }

  /** What can't be made durable is not taken, and both who sends and who looks are told why. */
  async function sendsAreRefused(why: RegExp): Promise<void> {
    const before = await known();
    await disk.fails(why, ...send("refused"));
    assert.deepEqual(await known(), before);
    const [told = "", ...more] = await disk.hostConditions();
    assert.match(told, NO_MESSAGE);
    assert.match(told, why);
    assert.deepEqual(more, []);
    assert.match((await disk.mosaic("fleet", "ps")).stdout, /STORE_UNAVAILABLE: no message is taken/);
  }

  /** Nobody has to send for it to be noticed. */
  async function goesOnByItself(id: string): Promise<void> {
    await eventually("the host is well", async () => (await disk.hostConditions()).length === 0, 30_000);
    await isTaken(id);
  }

  /** A reset is a message first; where that one is refused it does not come to the record. */
  async function takeoversAreRefused(why: string, resetWhy?: RegExp): Promise<void> {
    const reason = new RegExp(`cannot write the audit log ".*audit.jsonl": ${why}`);
    const before = await disk.run("cat", AUDIT);
    await disk.fails(resetWhy ?? reason, "agent", "reset", "lead", "--new");
    const seen = await disk.attach("lead");
    assert.match(seen, /ended: code=1/);
    assert.match(seen, reason);
    assert.equal(await disk.run("cat", AUDIT), before);
  }

  async function heartbeatsAreWhole(): Promise<void> {
    for (const name of ["lead", "loud"]) assert.match(await disk.run("cat", `${FLEET}/run/${name}.hb`), WHOLE_BEAT);
  }

  /** Puts a read-only view of a folder over it: as long as somebody writes there, it can't be made read-only itself. */
  async function makeReadOnly(folder: string): Promise<void> {
    await disk.asRoot("mount", "--bind", folder, folder);
    await disk.asRoot("mount", "-o", "remount,bind,ro", folder);
  }

  const makeWritable = (folder: string) => disk.asRoot("mount", "-o", "remount,bind,rw", folder);

  test("read-only: reads go on, and what would change something says why it can't, and leaves all as it was", async () => {
    await makeReadOnly(disk.disk);
    const [before, pid] = [await hash(), (await row("lead")).pane?.pid];
    await readsGoOn();
    // The inbox was open before, as the journal of events was, and so stays writable: what is taken is on disk.
    await isTaken("read-only");
    await takeoversAreRefused("the disk is read-only");
    await disk.fails(/read-only/, "fleet", "install-systemd", "--listen", LISTEN);
    await disk.fails(/lead +failed .*read-only/, "fleet", "restart", "lead");
    await disk.fails(/read-only/, "fleet", "init", "--profile", "minimal", "--write", "--force");
    assert.equal((await row("lead")).pane?.pid, pid);
    assert.equal(await hash(), before);
    await heartbeatsAreWhole();
  });

  test("read-only: a node that starts there says what it can't write, and is back as soon as it can", async () => {
    const before = await known();
    await disk.run("systemctl", "--user", "stop", "mosaic-node");
    const end = await disk.host.run(0, ["node", NODE]);
    assert.equal(end.exitCode, 1);
    assert.match(end.stderr, /^mosaic-node: .*node\.sock.*read-only/);
    // Without it the command looks for itself.
    const answer = await disk.ps();
    assert.deepEqual([answer.via, itemIn(answer, "disk", "loud").pane?.alive], ["direct", true]);
    await disk.run("systemctl", "--user", "start", "mosaic-node");
    await makeWritable(disk.disk);
    await disk.nodeAnswers();
    await eventually("agents report to it", async () => (await row("lead")).heartbeat?.evidence === "hook", 30_000);
    assert.deepEqual(await known(), before);
  });

  test("a node on a read-only message store takes nothing and says so, and takes again when it can", async () => {
    const messages = `${disk.disk}/mosaic/fleet/messages`;
    const before = await known();
    await disk.run("systemctl", "--user", "stop", "mosaic-node");
    await makeReadOnly(messages);
    await disk.run("systemctl", "--user", "start", "mosaic-node");
    await disk.nodeAnswers();
    await eventually("agents report to it", async () => (await row("lead")).heartbeat?.evidence === "hook", 30_000);
    await readsGoOn();
    await sendsAreRefused(/read-only/);
    assert.deepEqual(await known(), before);
    await makeWritable(messages);
    await goesOnByItself("store-writable");
  });

  test("little room: sends are refused with what is left, and all else goes on", async () => {
    const before = await known();
    // 40 MiB are more than anything here needs, and less than the inbox wants left.
    await disk.run("fallocate", "-l", `${(await freeMib()) - 40}MiB`, FILLER);
    await sendsAreRefused(/takes no more: \d+ MiB \(\d+\.\d %\) of its disk are free/);
    await readsGoOn();
    await disk.succeed("fleet", "restart", "loud");
    await disk.run("rm", FILLER);
    await goesOnByItself("room-again");
    assert.deepEqual(await known(), [...before, "room-again"].sort());
  });

  test("full: recording stops and its agent's row says why; sends are refused; nothing else stops", async () => {
    await disk.host.run(0, ["tee", ROSTER], { stdin: rosterOf(", recording: { max_file_bytes: 65536 }") });
    const recordings = async () =>
      JSON.parse(await disk.succeed("sessions", "list", "--json")).items as { readonly bytes: number }[];
    await eventually("it is recorded", async () => (await recordings()).some(({ bytes }) => bytes > 0));
    await fillUp();
    await eventually(
      "its row says so",
      async () =>
        (await disk.conditionsOf("loud")).some((told) => /^RECORDING_STOPPED: .*no space is left on the disk/.test(told)),
      30_000,
    );
    assert.deepEqual(await disk.conditionsOf("lead"), []);
    await readsGoOn();
    await sendsAreRefused(NO_ROOM);
    await heartbeatsAreWhole();
    assert.equal(await disk.run("sh", "-c", `find ${FLEET}/sessions -type f -size 0`), "");
  });

  test("full: a takeover that can't be put on record is refused, and leaves no half line", async () => {
    // The recording left some room when it stopped.
    await fillUp();
    await takeoversAreRefused("no space is left on the disk", NO_ROOM);
  });

  test("full: an installation says which file it can't write, and leaves no half of it", async () => {
    await disk.run("rm", ".config/systemd/user/mosaic-agent@.service");
    await fillUp(4000);
    await disk.fails(/cannot write .*mosaic-agent@\.service.*no space/i, "fleet", "install-systemd", "--listen", LISTEN);
    assert.doesNotMatch(await disk.run("ls", "-A", ".config/systemd/user"), /mosaic-agent@\.service/);
  });

  test("with room again all is as before: sent, recorded, installed, on record", async () => {
    const before = await known();
    await disk.run("rm", FILLER);
    await disk.run("touch", ".config/room");
    await disk.succeed("fleet", "install-systemd", "--listen", LISTEN);
    await goesOnByItself("after-full");
    assert.deepEqual(await known(), [...before, "after-full"].sort());
    // It is tried again each minute. One program waits for it, and not one after the other.
    const newRecording = `until find ${FLEET}/sessions -newer .config/room -name "*.cast" | grep -q .; do sleep 1; done`;
    await disk.host.run(0, ["sh", "-c", newRecording], { timeoutMs: 90_000 });
    await eventually("its row says nothing more", async () => (await disk.conditionsOf("loud")).length === 0);
    await disk.succeed("agent", "reset", "lead", "--new");
    for (const line of (await disk.run("cat", AUDIT)).trimEnd().split("\n")) JSON.parse(line);
    await disk.succeed("fleet", "verify", "--wait", "30s");
  });

  test("a node on a damaged message store takes nothing and says so, until a person sets it aside", async () => {
    await disk.run("systemctl", "--user", "stop", "mosaic-node");
    const damage = ["if=/dev/urandom", `of=${FLEET}/messages/inbox.db`, "bs=4096", "seek=1", "count=3", "conv=notrunc"];
    await disk.run("dd", ...damage);
    await disk.run("systemctl", "--user", "start", "mosaic-node");
    await disk.nodeAnswers();
    await eventually("agents report to it", async () => (await row("lead")).heartbeat?.evidence === "hook", 30_000);
    await readsGoOn();
    await sendsAreRefused(/inbox\.db" can't be used/);
    await disk.run("systemctl", "--user", "stop", "mosaic-node");
    await disk.succeed("message", "repair");
    await disk.run("systemctl", "--user", "start", "mosaic-node");
    await disk.nodeAnswers();
    await goesOnByItself("repaired");
  });

  test("a disk that does not answer holds up nothing but what is on it; the host is STALE, and heals by itself", async () => {
    const fleet = `${disk.disk}/mosaic/fleet`;
    const mount = "exec 3<>/dev/fuse; mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0,allow_other hung";
    const script = `${mount} "$1"; echo up; exec sleep 100`;
    const elsewhere = ["--mosaic-home", "/tmp", "--endpoint", `http://${LISTEN}`];
    const ask = async () => {
      const end = await disk.mosaic("fleet", "ps", "--json", "--timeout", "20s", ...elsewhere);
      assert.match(end.stdout, /"hosts":/, end.stdout + end.stderr);
      return hostIn(JSON.parse(end.stdout) as PsAnswer, "disk");
    };
    assert.equal((await ask()).state, "LIVE");
    {
      await using server = disk.host.spawnAsRoot(["sh", "-euc", script, "hang", fleet]);
      await eventually("it is mounted", () => server.stdout().includes("up"));
      const host = await eventually(
        "the host is stale",
        async () => {
          const found = await ask();
          return found.state === "STALE" && found;
        },
        60_000,
      );
      assert.match(host.detail, /cannot (read|list) ".*\/fleet\/.*": its disk does not answer/);
      // tmux is not on that disk: what it shows is still told.
      assert.match(await disk.succeed("agent", "tail", "loud", "-n", "3", ...elsewhere), /\S/);
    }
    await disk.asRoot("umount", "--lazy", fleet);
    await eventually("the host is well", async () => (await ask()).state === "LIVE", 30_000);
    await disk.nodeAnswers();
    await eventually("agents report to it", async () => (await row("lead")).heartbeat?.evidence === "hook", 60_000);
    await isTaken("after-silence");
  });

  async function freeMib(): Promise<number> {
    const [, free = ""] = (await disk.run("df", "--output=avail", "-BM", ".config")).trim().split("\n");
    return Number.parseInt(free, 10);
  }

  /** Leaves no room but in the page that the audit log ends in: with 20 bytes a line begins there and can't end. */
  async function fillUp(auditBytes = 20): Promise<void> {
    const bytes = (await disk.run("cat", AUDIT)).length;
    const gap = (2 * PAGE_BYTES - auditBytes - (bytes % PAGE_BYTES)) % PAGE_BYTES;
    if (gap > 0) await disk.run("sh", "-c", 'printf "%s\\n" "$1" >>"$2"', "pad", JSON.stringify("x".repeat(gap - 3)), AUDIT);
    await disk.host.run(0, ["sh", "-c", `cat /dev/zero >>${FILLER}; :`]);
  }
});

/** What a file of this disk takes room by. */
const PAGE_BYTES = 4096;
const WHOLE_BEAT = /^ts=\S+\npid=\d+\nstatus=(ok|busy)\ninterval=15\nwriter=(runtime|sidecar)\n$/;
