import { EXIT_CODES } from "@mosaic/core/light";
import type { Command } from "../command.ts";
import type { Io } from "../io/io.ts";
import { commandHelp } from "./help-text.ts";

/** Prints the manual of one command. */
export function showCommand(command: Command, io: Io): number {
  io.stdout.write(commandHelp(command, helpColumns(io)));
  return EXIT_CODES.ok;
}

/** How wide help is set: as the terminal, but never wider than is good to read. */
export function helpColumns(io: Io): number {
  return Math.max(40, Math.min(100, io.stdout.columns ?? 100));
}
