/** What the helper scripts share, run by the shell that runs them on a host. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const scripts = import.meta.dirname;

/** A home of its own, and a shell that has read what is shared. */
function shellIn(context: TestContext) {
  const home = mkdtempSync(join(tmpdir(), "mosaic-scripts-"));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  const run = join(home, "fleet/run");
  mkdirSync(run, { recursive: true });
  const tmux = join(home, "tmux");
  writeFileSync(tmux, '#!/bin/sh\n[ -z "$DURING" ] || eval "$DURING"\necho tmux >>"$MOSAIC_HOME/log"\n');
  chmodSync(tmux, 0o755);
  const lock = join(home, `tmux-${process.getuid?.()}/fleet.quiet`);
  const shell = (text: string, variables: Record<string, string> = {}): string =>
    execFileSync("/bin/sh", ["-euc", `. "$SCRIPTS/lib.sh"; . "$SCRIPTS/conversation.sh"\n${text}`], {
      ...{ encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "pipe"] },
      env: {
        ...{ PATH: "/usr/bin:/bin", SCRIPTS: scripts, MOSAIC_HOME: home, MOSAIC_TMUX: tmux, MOSAIC_TMUX_SOCKET: "fleet" },
        ...{ TMUX_TMPDIR: home, LOCK: lock, DURING: "", ...variables },
      },
    });
  return { home, run, lock, shell };
}

test("a file is replaced as a whole, and where there is no room it stays and nothing is left beside it", (context) => {
  const { run, shell } = shellIn(context);
  const path = join(run, "lead.tries");
  shell('replace_file "$run/lead.tries" "0 1\n"');
  assert.equal(readFileSync(path, "utf8"), "0 1\n");
  // No file may hold a byte: that is what a full disk looks like to whoever writes.
  const said = shell(`trap '' XFSZ; ulimit -f 0; replace_file "$run/lead.tries" "1 2\n" 2>/dev/null || echo refused`);
  assert.equal(said, "refused\n");
  assert.deepEqual([readdirSync(run), readFileSync(path, "utf8")], [["lead.tries"], "0 1\n"]);
});

test("telemetry is tagged with the agent, and what the user says of it is kept behind that", (context) => {
  const { shell } = shellIn(context);
  const ours = "mosaic.tenant=team-a,mosaic.host=alpha,mosaic.agent=lead";
  const tagged = (own: Record<string, string>) =>
    shell("tag_telemetry; sh -c 'echo \"$OTEL_RESOURCE_ATTRIBUTES\"'", { MOSAIC_RESOURCE_ATTRIBUTES: ours, ...own });
  assert.equal(tagged({ OTEL_RESOURCE_ATTRIBUTES: ours }), `${ours}\n`);
  assert.equal(tagged({ OTEL_RESOURCE_ATTRIBUTES: "team=blue" }), `${ours},team=blue\n`);
  assert.equal(tagged({}), `${ours}\n`);
});

test("the tmux server is quiet while one disturbs it, and nothing is left", (context) => {
  const { lock, shell } = shellIn(context);
  const said = shell('quietly_tmux new-session; [ -d "$LOCK" ] || echo free', { DURING: 'test -d "$LOCK"' });
  assert.deepEqual([said, existsSync(lock)], ["free\n", false]);
});

// A look of the waiting shell is one call of `sleep`, which here lets pass what a test wants.
test("a lock that was there all the time is abandoned; one that others hold in turn is theirs", (context) => {
  const { home, lock, shell } = shellIn(context);
  shell('sleep() { :; }\nmkdir -p "$LOCK"; quietly_tmux new-session');
  assert.equal(existsSync(lock), false);
  const inTurn = `
    turns=0
    sleep() {
      turns=$((turns + 1))
      [ -d "$LOCK" ] || { echo "taken from its holder after $turns looks"; exit 0; }
      [ $((turns % 40)) -ne 0 ] || { rmdir "$LOCK"; [ "$turns" -ge 400 ] || mkdir "$LOCK"; }
    }
    mkdir -p "$LOCK"; quietly_tmux new-session; echo "had after $turns looks"`;
  assert.equal(shell(inTurn), "had after 400 looks\n");
  assert.equal(readFileSync(join(home, "log"), "utf8"), "tmux\ntmux\n");
});

test("who was taken for dead while it held the lock leaves the next one's alone", (context) => {
  const { lock, shell } = shellIn(context);
  shell("quietly_tmux new-session", { DURING: 'rmdir "$LOCK"; sleep 0.02; mkdir "$LOCK"' });
  assert.equal(existsSync(lock), true);
});

test("a lock that can't be had stops nobody", (context) => {
  const { home, lock, shell } = shellIn(context);
  mkdirSync(join(lock, ".."), { recursive: true });
  writeFileSync(lock, "");
  shell("sleep() { :; }\nquietly_tmux new-session");
  assert.equal(readFileSync(join(home, "log"), "utf8"), "tmux\n");
});

test("only what can be nothing but an id is a conversation to go on with", (context) => {
  const { run, shell } = shellIn(context);
  const read = (text: string | undefined): string => {
    if (text === undefined) rmSync(join(run, "lead.session"), { force: true });
    else writeFileSync(join(run, "lead.session"), text);
    return shell("conversation_of lead");
  };
  for (const id of ["ses_4f", "0199-aa:b.c", "x".repeat(200)]) {
    assert.equal(read(`${id}\n`), `${id}\n`);
    assert.equal(read(id), `${id}\n`, "also without the end of its line");
  }
  for (const text of [
    "-c\n",
    "--help\n",
    "a b\n",
    "$(id)\n",
    "a;b\n",
    "ä\n",
    ".a\n",
    `${"x".repeat(201)}\n`,
    "\n",
    "",
    undefined,
  ]) {
    assert.equal(read(text), "", JSON.stringify(text));
  }
});

test("of conversations that failed one after the other the first is kept", (context) => {
  const { run, shell } = shellIn(context);
  for (const id of ["s-1", "s-2"]) {
    writeFileSync(join(run, "lead.session"), `${id}\n`);
    shell(`set_conversation_aside lead ${id} 2>/dev/null`);
  }
  assert.deepEqual(readdirSync(run), ["lead.session.failed"]);
  assert.equal(readFileSync(join(run, "lead.session.failed"), "utf8"), "s-1\n");
});
