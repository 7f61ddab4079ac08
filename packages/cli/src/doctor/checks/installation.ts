import { type DoctorCheck, inOrder, nothingHere, warning } from "../check.ts";

/** As many files as are named. */
const NAMED = 3;

/** Whether what is installed is what an installation would make now. */
export const installationCheck: DoctorCheck = {
  id: "installation",
  what: "whether the installed units, scripts and agents' files are those of this version and this roster",
  why: "agents run on with what was installed, whatever the roster and the program say since",
  runbook: "drifted installation",
  async look({ installation }) {
    const steps = await installation();
    if (!steps) return [nothingHere("the fleet is not installed")];
    const amiss = steps.filter(({ kind }) => kind !== "keep").map(({ path }) => path);
    if (amiss.length === 0) return [inOrder(`${steps.length} files are as they should be`)];
    const named = [...amiss.slice(0, NAMED), ...(amiss.length > NAMED ? ["…"] : [])].join(", ");
    const are = amiss.length === 1 ? "1 file is" : `${amiss.length} files are`;
    return [warning(`${are} not what they should be: ${named}`, "mosaic fleet install-systemd --dry-run")];
  },
};
