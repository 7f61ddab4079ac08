import { judgeTmux } from "../../fleet/judge-host.ts";
import type { DoctorCheck } from "../check.ts";
import { itemFinding } from "./item-finding.ts";

/** The tmux that is installed. */
export const tmuxCheck: DoctorCheck = {
  id: "tmux",
  what: "the tmux on the PATH",
  why: "every agent lives in a session of it",
  runbook: "tmux",
  look: async ({ machine }) => [itemFinding(judgeTmux(await machine.tmuxVersion()))],
};
