import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readLingering } from "./lingering.ts";

test("a user lingers when logind runs and keeps a file of that name", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "mosaic-linger-"));
  t.after(() => rm(home, { recursive: true }));
  const options = { lingerDirectory: join(home, "linger"), seatsDirectory: join(home, "seats") };
  const stateOf = (user: string) => readLingering({ user, ...options });
  assert.equal(await stateOf("ada"), "unknown");
  await mkdir(options.seatsDirectory);
  assert.equal(await stateOf("ada"), "unknown");
  await writeFile(join(options.seatsDirectory, "seat0"), "");
  assert.equal(await stateOf("ada"), "disabled");
  await mkdir(options.lingerDirectory);
  await writeFile(join(options.lingerDirectory, "ada"), "");
  assert.equal(await stateOf("ada"), "enabled");
  assert.equal(await stateOf("bob"), "disabled");
  await rm(options.seatsDirectory, { recursive: true });
  assert.equal(await stateOf("ada"), "unknown");
});
