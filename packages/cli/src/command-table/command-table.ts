import type { Command } from "../command.ts";
import { agentCommands } from "./agent.ts";
import { agentLocalCommands } from "./agent-local.ts";
import { approvalsCommands } from "./approvals.ts";
import { auditCommands } from "./audit.ts";
import { dashboardCommands } from "./dashboard.ts";
import { demoCommands } from "./demo.ts";
import { doctorCommands } from "./doctor.ts";
import { enrolmentCommands } from "./enrolment.ts";
import { fleetCommands } from "./fleet.ts";
import { fleetLocalCommands } from "./fleet-local.ts";
import { gatewayCommands } from "./gateway.ts";
import { generalCommands } from "./general.ts";
import { hooksCommands } from "./hooks.ts";
import { hostCommands } from "./host.ts";
import { lifecycleCommands } from "./lifecycle.ts";
import { messageCommands } from "./message.ts";
import { policyCommands } from "./policy.ts";
import { releaseCommands } from "./release.ts";
import { servicesCommands } from "./services.ts";
import { sessionsCommands } from "./sessions.ts";
import { upgradeCommands } from "./upgrade.ts";

/** Every command of `mosaic`, in the order of the help. Data only: nothing is loaded before it is called. */
export const COMMANDS: readonly Command[] = [
  ...fleetCommands,
  ...fleetLocalCommands,
  ...dashboardCommands,
  ...lifecycleCommands,
  ...agentCommands,
  ...agentLocalCommands,
  ...approvalsCommands,
  ...hooksCommands,
  ...messageCommands,
  ...hostCommands,
  ...enrolmentCommands,
  ...sessionsCommands,
  ...auditCommands,
  ...policyCommands,
  ...gatewayCommands,
  ...doctorCommands,
  ...servicesCommands,
  ...releaseCommands,
  ...upgradeCommands,
  ...demoCommands,
  ...generalCommands,
];
