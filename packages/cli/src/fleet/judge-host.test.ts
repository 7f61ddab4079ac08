import assert from "node:assert/strict";
import { test } from "node:test";
import { type HostFacts, judgeHost } from "./judge-host.ts";

const good: HostFacts = {
  loginName: "ada",
  tmuxVersion: "3.7",
  systemd: { kind: "answers" },
  lingering: "enabled",
  disk: { folder: "/home/ada", isWritable: true, freeBytes: 1e10, freeFiles: 1000 },
};
const absent = { kind: "absent", reason: "no socket" } as const;

function judged(check: string, facts: Partial<HostFacts>) {
  const item = judgeHost({ ...good, ...facts }).find((each) => each.check === check);
  assert.ok(item);
  return item;
}

test("a host in order is all ok, and there is nothing to type", () => {
  const items = judgeHost(good);
  assert.deepEqual(
    items.map(({ check, level, next }) => [check, level, next]),
    ["tmux", "systemd", "lingering", "disk"].map((check) => [check, "ok", ""]),
  );
});

test("tmux 3.2 is needed and 3.7 advised", () => {
  const level = (tmuxVersion: string | undefined) => judged("tmux", { tmuxVersion }).level;
  for (const version of ["3.7", "3.7b", "3.10", "4.0", "next-3.8", "master"]) assert.equal(level(version), "ok", version);
  for (const version of ["3.2", "3.3a", "3.6b", "next-3.5"]) assert.equal(level(version), "warn", version);
  for (const version of ["3.1c", "2.9", "1.8", undefined]) assert.equal(level(version), "missing", version);
  assert.equal(judged("tmux", { tmuxVersion: undefined }).next, "sudo apt install tmux");
});

test("a fleet can run without systemd, but it is said what that means", () => {
  const { level, message } = judged("systemd", { systemd: absent });
  assert.equal(level, "warn");
  assert.match(message, /no socket.*nothing brings them back/);
});

test("lingering is needed where systemd keeps the fleet", () => {
  assert.equal(judged("lingering", { lingering: "disabled" }).level, "missing");
  assert.equal(judged("lingering", { lingering: "disabled" }).next, "loginctl enable-linger ada");
  assert.equal(judged("lingering", { lingering: "disabled", systemd: absent }).level, "warn");
  assert.equal(judged("lingering", { lingering: "unknown" }).level, "warn");
});

test("a disk that is read-only or full is missing, one that is nearly full a warning", () => {
  const disk = (more: Partial<HostFacts["disk"]>) => judged("disk", { disk: { ...good.disk, ...more } });
  assert.equal(disk({ isWritable: false }).level, "missing");
  assert.equal(disk({ freeBytes: 0 }).level, "missing");
  assert.equal(disk({ freeFiles: 0 }).level, "missing");
  assert.equal(disk({ freeFiles: undefined }).level, "ok");
  assert.deepEqual(
    [disk({ freeBytes: 5e6 }).level, disk({ freeBytes: 5e6 }).message],
    ["warn", "only 4 MiB are left at /home/ada"],
  );
});
