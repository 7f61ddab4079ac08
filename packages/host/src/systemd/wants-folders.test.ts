import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { findWantedUnits } from "./wants-folders.ts";

test("links are found in the folders of wants and requires, with the strength of where they are", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "mosaic-wants-"));
  t.after(() => rm(home, { recursive: true }));
  const link = async (path: string) => {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await symlink("../a@.service", join(home, path));
  };
  await link("config/systemd/user/default.target.wants/a@own.service");
  await link("config/systemd/user/x.service.requires/a@required.service");
  await link("config/systemd/user/a@alias.service");
  await link("run/systemd/user/default.target.wants/a@runtime.service");
  await link("run/systemd/user/default.target.wants/a@own.service");
  await link("share/systemd/user/default.target.wants/a@vendor.service");
  const names = [
    "config/systemd/user.control",
    "run/systemd/transient",
    "config/systemd/user",
    "run/systemd/user",
    "share/systemd/user",
  ];
  const folders = names.map((name) => join(home, name));
  assert.deepEqual(Object.fromEntries(await findWantedUnits(folders, join(home, "run"))), {
    "a@own.service": "enabled",
    "a@required.service": "enabled",
    "a@runtime.service": "enabled-runtime",
    "a@vendor.service": "static",
  });
});

test("folders that are not there hold nothing", async () => {
  assert.equal((await findWantedUnits(["/nowhere/systemd/user"], "/nowhere")).size, 0);
});
