import { parseArgs } from "node:util";
import { MosaicError } from "@mosaic/core";
import type { Fault } from "./simulated-hosts.ts";

/** What a simulation is asked to be. */
export interface SimFlags {
  readonly hosts: number;
  readonly agents: number;
  /** Row changes in the whole fleet. */
  readonly churnPerSecond: number;
  /** How often each fault begins somewhere in the fleet. */
  readonly faultsPerSecond: ReadonlyMap<Fault, number>;
  readonly seed: number;
  /** How long it runs, in ms; undefined: until Ctrl-C. */
  readonly forMs: number | undefined;
  readonly isJson: boolean;
  readonly isHelp: boolean;
}

export const simHelp = `A fleet of simulated hosts over real sockets, and one real mosaic-aggregator over them. Prints what it looks like each second, and
says at the end whether the aggregator knew every host at all times and, with --for, whether it knows the truth when all is well again.

Usage: npm run sim -- [flags]

  --hosts 100               how many hosts
  --agents 8                agents on each
  --churn 5/s               changes of agents in the whole fleet: what they do, and at times whether they are there
  --faults down=6/m,hang=2/m,slow=2/m
                            what befalls hosts, each for 5 to 30 s; default none. down: its server is gone. hang: it answers neither
                            lists nor watches. slow: each step of them takes 3 s
  --seed 7                  the same seed is the same churn and the same faults, in the same order
  --for 60s                 end after this time (s or m); default: with Ctrl-C
  --json                    a line of JSON each second
  --help                    print this

Exits with 0 when all was well, and with 1 when a host was missing from an answer or the end was not the truth.
`;

/** Understands a command line. @throws MosaicError USAGE */
export function parseSimFlags(argv: readonly string[]): SimFlags {
  const values = parseOrExplain(argv);
  return {
    hosts: wholeNumber("hosts", values.hosts, 1),
    agents: wholeNumber("agents", values.agents, 0),
    churnPerSecond: perSecond("churn", values.churn),
    faultsPerSecond: parseFaults(values.faults),
    seed: wholeNumber("seed", values.seed, 0),
    forMs: values.for === undefined ? undefined : parseDuration(values.for),
    isJson: values.json,
    isHelp: values.help,
  };
}

function parseOrExplain(argv: readonly string[]) {
  try {
    const options = {
      hosts: { type: "string", default: "100" },
      agents: { type: "string", default: "8" },
      churn: { type: "string", default: "5/s" },
      faults: { type: "string", default: "" },
      seed: { type: "string", default: "7" },
      for: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    } as const;
    return parseArgs({ args: [...argv], options }).values;
  } catch (thrown) {
    throw usage(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function parseFaults(text: string): Map<Fault, number> {
  const faults = text.split(",").filter((part) => part !== "");
  return new Map(
    faults.map((part) => {
      const [name = "", rate = ""] = part.split("=", 2);
      if (name !== "down" && name !== "hang" && name !== "slow") throw usage(`no such fault: ${name}`);
      return [name, perSecond(name, rate)];
    }),
  );
}

function perSecond(name: string, text: string): number {
  const [, count = "", unit] = /^(\d+(?:\.\d+)?)\/([sm])$/.exec(text) ?? [];
  if (unit === undefined) throw usage(`${name} is "${text}"; write for example 5/s or 2/m`);
  return Number(count) / (unit === "s" ? 1 : 60);
}

function parseDuration(text: string): number {
  const [, count = "", unit] = /^(\d+)([sm])$/.exec(text) ?? [];
  if (unit === undefined) throw usage(`--for is "${text}"; write for example 60s or 5m`);
  return Number(count) * (unit === "s" ? 1000 : 60_000);
}

function wholeNumber(name: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw usage(`--${name} is "${text}"; it must be a whole number from ${least} up`);
}

function usage(message: string): MosaicError {
  return new MosaicError("USAGE", message, { hint: "npm run sim -- --help" });
}
