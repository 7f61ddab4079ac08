import { ALL_CHECKS } from "../doctor/all-checks.ts";
import { runChecks } from "../doctor/run-checks.ts";
import { lookAtInstallation } from "../local/doctor/look-at-installation.ts";
import { openDoctorWorld } from "../local/doctor/open-doctor-world.ts";
import type { EvidencePart } from "./evidence-part.ts";

/** What is of this very host: its doctor's findings, and whether its units are those of this version and roster. */
export const hostEvidence: readonly EvidencePart[] = [
  {
    parts: ["doctor"],
    async collect({ globals, io, deps }) {
      await using world = await openDoctorWorld(globals, io, deps);
      const found = await runChecks(ALL_CHECKS, world);
      const named = (wanted: string) => found.filter(({ finding }) => finding.severity === wanted).map(({ check }) => check.id);
      return {
        "doctor.bad": { rule: "no-more", value: [...new Set(named("bad"))] },
        "doctor.unknown": { rule: "no-more", value: [...new Set(named("unknown"))] },
        "doctor.warn": { rule: "no-more", value: [...new Set(named("warn"))] },
      };
    },
  },
  {
    parts: ["units"],
    async collect({ globals, io }) {
      const steps = await lookAtInstallation(globals, io);
      if (steps === undefined) return "the fleet is not installed here, or its installation can't be planned";
      const drifted = steps.filter(({ kind }) => kind !== "keep");
      const shortened = (path: string) => path.replace(globals.mosaicHome, "$MOSAIC_HOME").replace(io.env["HOME"] || "~", "~");
      return { "units.drifted": { rule: "no-more", value: drifted.map(({ path }) => shortened(path)) } };
    },
  },
];
