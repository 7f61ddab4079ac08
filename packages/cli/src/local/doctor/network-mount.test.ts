import assert from "node:assert/strict";
import { test } from "node:test";
import { folderAnswers } from "./folder-answers.ts";
import { networkMountOf } from "./network-mount.ts";

const MOUNTS = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /home rw,relatime shared:2 - nfs4 server:/home rw
31 30 8:2 / /home/ada/.config rw - ext4 /dev/sdb1 rw
32 22 0:50 / /mnt/my\\040share rw - cifs //server/share rw
33 22 0:51 / /srv rw - fuse.fuse-overlayfs overlay rw
`;

test("the mount that holds a folder counts, whatever is mounted around it", () => {
  const at = (path: string) => networkMountOf(path, MOUNTS);
  assert.deepEqual(
    [at("/home/ada/mosaic"), at("/home/ada/.config/mosaic"), at("/homes"), at("/mnt/my share/x"), at("/srv/x"), at("/")],
    ["nfs4", undefined, undefined, "cifs", undefined, undefined],
  );
  assert.equal(networkMountOf("/home", undefined), undefined);
});

test("a folder that is there or not answers; one that hangs does not, and is not waited for", async () => {
  assert.equal(await folderAnswers("/"), true);
  assert.equal(await folderAnswers("/nowhere/at/all"), true);
  assert.equal(await folderAnswers("/", { ask: () => new Promise(() => {}), patienceMs: 5 }), false);
});
