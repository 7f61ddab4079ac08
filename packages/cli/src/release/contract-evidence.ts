import { ERROR_CODES, EXIT_CODES } from "@mosaic/core/light";
import { FleetService } from "@mosaic/wire";
import type { Command } from "../command.ts";
import { VERSION } from "../version.ts";
import type { Baseline } from "./baseline.ts";
import type { EvidencePart } from "./evidence-part.ts";

/** What this very program promises to scripts and other programs: its commands, schemas, codes and rpcs. */
export const contractEvidence: EvidencePart = {
  parts: ["contract"],
  collect: async ({ deps }) => ({ "contract.version": { rule: "known", value: VERSION }, ...contractOf(deps.commands) }),
};

/** The contract of a program with these commands. */
export function contractOf(commands: readonly Command[]): Baseline {
  const errors = Object.entries(ERROR_CODES).map(([code, { rpc, exit }]) => `${code} ${rpc} exit ${exit}`);
  return {
    "contract.commands": { rule: "keeps", value: commands.map(({ path }) => path.join(" ")) },
    "contract.errors": { rule: "keeps", value: errors },
    "contract.exits": { rule: "keeps", value: Object.entries(EXIT_CODES).map(([name, code]) => `${name} ${code}`) },
    "contract.rpcs": { rule: "keeps", value: FleetService.methods.map(({ name, parent }) => `${parent.typeName}/${name}`) },
    "contract.schemas": { rule: "keeps", value: [...new Set(commands.flatMap(({ schema }) => schema ?? []))] },
  };
}
