import type { Command } from "../command.ts";
import { agentCommands } from "./agent.ts";
import { demoCommands } from "./demo.ts";
import { fleetCommands } from "./fleet.ts";
import { gatewayCommands } from "./gateway.ts";
import { generalCommands } from "./general.ts";
import { hostCommands } from "./host.ts";

/** Every command of `mosaic`, in the order of the help. Data only: nothing is loaded before it is called. */
export const COMMANDS: readonly Command[] = [
  ...fleetCommands,
  ...agentCommands,
  ...hostCommands,
  ...gatewayCommands,
  ...demoCommands,
  ...generalCommands,
];
