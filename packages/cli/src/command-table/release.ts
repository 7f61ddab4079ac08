import type { Command } from "../command.ts";

/** The commands for who has to say that a release, or an upgraded host, is as good as before. */
export const releaseCommands: readonly Command[] = [
  {
    path: ["release", "gate"],
    summary: "compares what this host and its fleet show now with a golden baseline, for scripts by its exit code",
    description: [
      "With --write it looks at everything and writes what it finds into the baseline, when all is well: versions, what the server can do, every expected host with its state and its live agents, conditions, the doctor's findings, the verdict of `mosaic health`, units that are not as this version would make them, how messages ended, how long a List takes as a ratio to an Info of the same moment, and what commands answer with --json. Without --write it looks again and compares. Nothing but the baseline and the record is written.",
      "Each check is the same, better, worse, missing, UNKNOWN (it could not be looked at) or new. Worse, missing and UNKNOWN keep the gate shut. Rules and tolerances stand in the file and may be edited there: --write keeps them. With --endpoint nothing is asked about this very host: no doctor, no units.",
      "It exits with 0 when the gate is open, and with 1 when it is shut. Every run is put on record; see `mosaic release log`.",
    ].join("\n\n"),
    args: [],
    flags: [
      { name: "baseline", kind: "text", value: "file", help: "the golden baseline, a JSON file" },
      { name: "write", kind: "boolean", help: "write what is found into it; rules and tolerances that are there stay" },
      {
        name: "allow-unknown",
        kind: "texts",
        value: "checks",
        help: "these may be UNKNOWN, by name or by part: latency, doctor",
      },
    ],
    examples: [
      { line: "mosaic release gate --baseline golden.json --write", does: "when all is well: keep how it looks" },
      { line: "mosaic release gate --baseline golden.json", does: "after a change: is it still as good?" },
      { line: "mosaic release gate --baseline golden.json --allow-unknown receipts --json", does: "for a script" },
    ],
    schema: "mosaic.release.gate/1",
    load: () => import("../commands/release/gate.ts"),
  },
  {
    path: ["release", "log"],
    summary: "prints what was verified on this host, by gates and upgrades, and whether the record is whole",
    description:
      "Oldest first. Each line of the record holds the hash of the line before, so that none can be changed, taken out or put in unseen; where it ends is kept beside it. It exits with 1 when the record is not as it was written. The record is fleet/verification.jsonl in MOSAIC_HOME, and nothing ever deletes from it.",
    args: [],
    flags: [],
    examples: [{ line: "mosaic release log", does: "when was this host last found in order?" }],
    schema: "mosaic.release.log/1",
    load: () => import("../commands/release/log.ts"),
  },
];
