import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { test } from "node:test";
import { runCli } from "../../cli.ts";
import { COMMANDS } from "../../command-table/command-table.ts";
import { memoryIo } from "../../io/memory-io.ts";

async function script(shell: string): Promise<string> {
  const io = memoryIo();
  assert.equal(await runCli(["completion", shell], io), 0);
  return io.stdout.text;
}

/** What bash offers for a line whose last word is being typed. */
async function bashOffers(line: string): Promise<string[]> {
  const words = line.split(" ");
  const probe = `${await script("bash")}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_mosaic; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["--norc", "-c", probe], { encoding: "utf8", env: { PATH: "/usr/bin:/bin" } })
    .split("\n")
    .filter(Boolean);
}

test("bash completes nouns, verbs, flags and choices", async () => {
  assert.deepEqual(await bashOffers("mosaic fl"), ["fleet"]);
  const verbs = await bashOffers("mosaic agent ");
  for (const verb of ["attach", "reset", "send", "tail", "watch"]) assert.ok(verbs.includes(verb), verb);
  assert.deepEqual(await bashOffers("mosaic fleet ps --al"), ["--all-hosts", "--allow-partial"]);
  assert.deepEqual(await bashOffers("mosaic agent send lead --wait a"), ["accepted", "answered"]);
  assert.deepEqual(await bashOffers("mosaic completion "), ["bash", "zsh", "fish"]);
  assert.deepEqual(await bashOffers("mosaic nope "), []);
  assert.deepEqual(await bashOffers("mosaic agent appro"), ["approvals", "approve"]);
  assert.deepEqual(await bashOffers("mosaic agent approvals "), ["list"]);
  assert.deepEqual(await bashOffers("mosaic agent approvals list --ten"), ["--tenant"]);
});

for (const shell of ["bash", "zsh", "fish"]) {
  const isInstalled = spawnSync(shell, ["--version"]).status === 0;
  // bash is on every machine that builds this; the others are checked where they happen to be.
  if (isInstalled || shell === "bash") {
    test(`${shell} can read its script`, async () => {
      const { status, stderr } = spawnSync(shell, ["-n"], { input: await script(shell), encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""]);
    });
  }
  test(`${shell} knows every command and flag`, async () => {
    const text = await script(shell);
    for (const command of COMMANDS) {
      for (const word of command.path) assert.ok(text.includes(word), word);
      for (const flag of command.flags)
        assert.ok(text.includes(shell === "fish" ? `-l ${flag.name}` : `--${flag.name}`), flag.name);
    }
  });
}

test("an unknown shell is refused", async () => {
  assert.equal(await runCli(["completion", "csh"], memoryIo()), 2);
});
