import type { Command } from "../command.ts";
import type { Flag } from "../parse/declared.ts";

const DRY_RUN: Flag = { name: "dry-run", kind: "boolean", help: "only say what would be done" };
const FORCE: Flag = {
  name: "force",
  kind: "boolean",
  help: "also a version that can't read what a newer one wrote, or whose units can't be written",
};
const WAIT: Flag = {
  name: "wait",
  kind: "duration",
  value: "time",
  default: "60s",
  help: "how long this host has until it stands as before",
};
const TIMEOUT: Flag = {
  name: "timeout",
  kind: "duration",
  value: "time",
  default: "15s",
  help: "how long each daemon has until it answers",
};
const AGENTS = "Agents run on: they are tmux sessions, and nothing here starts or ends one.";

/** The commands that change which version of Mosaic this host runs. */
export const upgradeCommands: readonly Command[] = [
  {
    path: ["upgrade"],
    summary: "goes to another version of Mosaic on this host, and back by itself when it is worse",
    description: [
      "Versions lie side by side in ~/.local/share/mosaic/versions, and the link ~/.local/share/mosaic/current leads to the one that is used; ~/.local/bin/mosaic and the units go through it. The package is a version or tag of npm (by default latest), a tarball, or a folder of tarballs, of which the newest counts. A tarball is held to SHA256SUMS where that lies beside it and names it; what npm gets, npm holds to its own checksum.",
      `It installs the version beside the others and tries whether it runs, looks how this host, its daemons and each agent stand, moves the link, writes the units, scripts and agents' files anew that are not as that version has them, starts this home's node and aggregator anew, and looks again. When something is worse for longer than --wait, it goes back, says what was worse, and exits with 1. ${AGENTS} A daemon in a terminal or under another service manager is left alone and named.`,
      "Every step is a line in $MOSAIC_HOME/fleet/verification.jsonl before the next one is taken: a chain as the audit log is; `mosaic release log` shows and judges it. A run that was killed is gone on with by the same command, and gone back from by `mosaic rollback`.",
      "The first upgrade of an npm package adopts that package as the version before. A clone or a single file goes to this layout only by a package that is named.",
    ].join("\n\n"),
    args: [{ name: "version", help: "a version, a tag, a tarball or a folder of tarballs; default latest", isOptional: true }],
    flags: [
      DRY_RUN,
      { name: "check", kind: "boolean", help: "only say whether npm has a newer one" },
      { name: "list", kind: "boolean", help: "only show the versions that are here, and what was left half done" },
      WAIT,
      TIMEOUT,
      FORCE,
    ],
    examples: [
      { line: "mosaic upgrade --dry-run", does: "what would be done to go to the latest" },
      { line: "mosaic upgrade ./mosaic-fleet-1.3.0.tgz", does: "to a package that is here, without a registry" },
      { line: "mosaic upgrade --list", does: "which versions are here, and to which one a rollback goes" },
    ],
    schema: "mosaic.upgrade/1",
    load: () => import("../commands/upgrade/upgrade.ts"),
  },
  {
    path: ["rollback"],
    summary: "goes back to the version of Mosaic before, without a network",
    description: [
      `Moves the link to the version that the one that is used took the place of, or to another one that is here, writes units anew, starts this home's daemons anew and looks whether the host stands as before or better. It needs no daemon that runs, and asks nobody outside. ${AGENTS}`,
      "It refuses a version that can't read what the newer one wrote, with the reason. What an upgrade that was killed left half done it settles: back to where that came from. Where `mosaic` itself does not run any more: ~/.local/share/mosaic/previous/bin/mosaic rollback.",
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "to", kind: "text", value: "version", help: "one that is here", default: "the one before" },
      DRY_RUN,
      WAIT,
      TIMEOUT,
      FORCE,
    ],
    examples: [
      { line: "mosaic rollback", does: "back to the version before" },
      { line: "mosaic rollback --to 1.2.0 --dry-run", does: "what would be done to go to another one that is here" },
    ],
    schema: "mosaic.rollback/1",
    load: () => import("../commands/upgrade/rollback.ts"),
  },
];
