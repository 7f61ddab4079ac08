import { attachCases } from "./cases/attach-cases.ts";
import { attachRefusalCases } from "./cases/attach-refusal-cases.ts";
import { eventCases } from "./cases/event-cases.ts";
import { hopCases } from "./cases/hop-cases.ts";
import { infoCases } from "./cases/info-cases.ts";
import { lifetimeCases } from "./cases/lifetime-cases.ts";
import { listCases } from "./cases/list-cases.ts";
import { logCases } from "./cases/log-cases.ts";
import { messageCases } from "./cases/message-cases.ts";
import { pagingCases } from "./cases/paging-cases.ts";
import { resetCases } from "./cases/reset-cases.ts";
import { sendCases } from "./cases/send-cases.ts";
import { sendRefusalCases } from "./cases/send-refusal-cases.ts";
import { terminalCases } from "./cases/terminal-cases.ts";
import { watchCases } from "./cases/watch-cases.ts";
import { watchResumeCases } from "./cases/watch-resume-cases.ts";
import type { ContractCase } from "./contract-case.ts";

/** Every promise of FleetService that a caller can check, for any server of it: node, aggregator, or an aggregator over
 *  aggregators, on any carrier. */
export const fleetContract: readonly ContractCase[] = [
  ...infoCases,
  ...listCases,
  ...pagingCases,
  ...watchCases,
  ...watchResumeCases,
  ...lifetimeCases,
  ...sendCases,
  ...sendRefusalCases,
  ...messageCases,
  ...terminalCases,
  ...logCases,
  ...eventCases,
  ...attachCases,
  ...attachRefusalCases,
  ...resetCases,
  ...hopCases,
];
