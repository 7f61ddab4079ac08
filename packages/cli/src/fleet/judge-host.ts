import type { CheckItem } from "./check-answer.ts";

/** What was found of a host. */
export interface HostFacts {
  readonly loginName: string;
  /** In tmux's own words, for example `3.3a`; undefined: not installed. */
  readonly tmuxVersion: string | undefined;
  readonly systemd: { readonly kind: "answers" } | { readonly kind: "absent"; readonly reason: string };
  readonly lingering: "enabled" | "disabled" | "unknown";
  readonly disk: DiskFacts;
}

/** The disk that the fleet's files are on. */
export interface DiskFacts {
  /** The folder that was looked at: the nearest that exists. */
  readonly folder: string;
  readonly isWritable: boolean;
  readonly freeBytes: number;
  /** Undefined: the disk does not count them. */
  readonly freeFiles: number | undefined;
}

/** Judges what every fleet needs of a host, whatever its roster says. */
export function judgeHost(facts: HostFacts): readonly CheckItem[] {
  return [judgeTmux(facts.tmuxVersion), judgeSystemd(facts.systemd), judgeLingering(facts), judgeDisk(facts.disk)];
}

/** Judges the tmux that is installed. */
export function judgeTmux(version: string | undefined): CheckItem {
  const check = "tmux";
  const next = "sudo apt install tmux";
  if (version === undefined) return { check, level: "missing", message: "is not installed", next };
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  // A build from its sources calls itself `master`, and is newer than any release that is too old.
  if (major === undefined) return { check, level: "ok", message: version, next: "" };
  const number = Number(major) * 1000 + Number(minor);
  if (number < 3002) return { check, level: "missing", message: `${version} is too old: 3.2 is needed`, next };
  if (number >= 3007) return { check, level: "ok", message: version, next: "" };
  const message = `${version} will do; before 3.7 it can, rarely, crash with every agent in it (docs/stack.md)`;
  return { check, level: "warn", message, next: "apt-cache policy tmux" };
}

/** Judges whether the user's systemd is there. */
export function judgeSystemd(systemd: HostFacts["systemd"]): CheckItem {
  const check = "systemd";
  if (systemd.kind === "answers") return { check, level: "ok", message: "the user manager answers", next: "" };
  const message = `no user manager answers (${systemd.reason}): agents run, and nothing brings them back`;
  return { check, level: "warn", message, next: "systemctl --user status" };
}

/** Judges whether the fleet outlives the last logout. */
export function judgeLingering({
  lingering,
  systemd,
  loginName,
}: Pick<HostFacts, "lingering" | "systemd" | "loginName">): CheckItem {
  const check = "lingering";
  const next = `loginctl enable-linger ${loginName}`;
  switch (lingering) {
    case "enabled":
      return { check, level: "ok", message: `is enabled for ${loginName}`, next: "" };
    case "disabled": {
      const message = `is disabled: the fleet ends with the last login of ${loginName} and does not come back after a reboot`;
      return { check, level: systemd.kind === "answers" ? "missing" : "warn", message, next };
    }
    case "unknown":
      return { check, level: "warn", message: "can't be told on this host", next: `loginctl show-user ${loginName} -P Linger` };
    default:
      return lingering satisfies never;
  }
}

/** Judges the disk that the fleet's files are on. */
export function judgeDisk({ folder, isWritable, freeBytes, freeFiles }: DiskFacts): CheckItem {
  const check = "disk";
  const next = `df -h ${folder}`;
  if (!isWritable) return { check, level: "missing", message: `${folder} can't be written`, next: `ls -ld ${folder}` };
  if (freeBytes === 0 || freeFiles === 0) return { check, level: "missing", message: `no space is left at ${folder}`, next };
  const freeMib = Math.floor(freeBytes / 1_048_576);
  if (freeBytes < LITTLE_BYTES) return { check, level: "warn", message: `only ${freeMib} MiB are left at ${folder}`, next };
  return { check, level: "ok", message: `${folder} can be written`, next: "" };
}

/** Less than a day of logs. */
const LITTLE_BYTES = 64 * 1_048_576;
