import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { MosaicError } from "@mosaic/core";
import { defaultLabsFolder } from "./lab-record.ts";
import type { CutDirection } from "./network.ts";

/** A command line of the lab, understood. */
export interface LabFlags {
  readonly command: string | undefined;
  /** What follows the command, up to `--`. */
  readonly words: readonly string[];
  /** What follows `--`: a program and its arguments. */
  readonly program: readonly string[];
  readonly hosts: number | readonly string[];
  readonly tenants: number | readonly string[];
  readonly labsFolder: string;
  /** Which of several labs; undefined: the one there is. */
  readonly lab: string | undefined;
  readonly direction: CutDirection;
  readonly readOnly: readonly string[];
  readonly isDetached: boolean;
  readonly isJson: boolean;
  readonly isAll: boolean;
  readonly isHelp: boolean;
}

export const labHelp = `Many real hosts on this machine: Linux namespaces, each with its own network address, host name, processes and homes, and a
systemd user manager for each tenant. Needs root.

Usage: npm run lab -- <command> [flags]

  up [--hosts 4] [--tenants 2] [--detach]   make a lab and boot its hosts; stays until Ctrl-C, or with --detach until down
  run <host> <tenant> -- <program> [arg…]   run a program as a tenant, or as root; ends as the program ends
  shell <host> <tenant>                     the same, with a shell
  reboot <host>                             shut down in order, and boot: homes stay, /run and /tmp are lost
  off <host>, on <host>                     cut the power, without any goodbye; boot again
  pause <host>, resume <host>               freeze all its processes; let them go on
  cut <host> [--direction in|out|both]      drop what comes to it, from it, or both
  heal <host>                               let all of it pass again
  console <host>                            print what its PID 1 and user managers wrote
  status [--json]                           list labs, hosts and tenants
  down [--all]                              remove labs made by up, and what crashed ones left; --all: those of running tests too

Flags:
  --hosts <number | names>    how many, or their names with commas between
  --tenants <number | names>  users on every host
  --read-only <path>          more that the hosts see of this machine's /tmp, /home, /root; may be given again
  --lab <id>                  which one, when there are several
  --dir <folder>              where labs keep their files; default ${defaultLabsFolder()}
  --help                      print this
`;

/** Understands a command line.
 *  @throws MosaicError USAGE */
export function parseLabFlags(argv: readonly string[]): LabFlags {
  const end = argv.indexOf("--");
  const { values, positionals } = parseOrExplain(end < 0 ? argv : argv.slice(0, end));
  const [command, ...words] = positionals;
  return {
    command,
    words,
    program: end < 0 ? [] : argv.slice(end + 1),
    hosts: numberOrNames(values.hosts),
    tenants: numberOrNames(values.tenants),
    labsFolder: resolve(values.dir ?? defaultLabsFolder()),
    lab: values.lab,
    direction: toDirection(values.direction),
    readOnly: values["read-only"],
    isDetached: values.detach,
    isJson: values.json,
    isAll: values.all,
    isHelp: values.help,
  };
}

function parseOrExplain(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        hosts: { type: "string", default: "4" },
        tenants: { type: "string", default: "2" },
        dir: { type: "string" },
        lab: { type: "string" },
        direction: { type: "string", default: "both" },
        "read-only": { type: "string", multiple: true, default: [] },
        detach: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        all: { type: "boolean", default: false },
        help: { type: "boolean", default: false, short: "h" },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new MosaicError("USAGE", message, { hint: "npm run lab -- --help", cause: error });
  }
}

function numberOrNames(text: string): number | readonly string[] {
  return /^\d+$/.test(text) ? Number(text) : text.split(",");
}

function toDirection(text: string): CutDirection {
  if (text === "in" || text === "out" || text === "both") return text;
  throw new MosaicError("USAGE", `--direction must be in, out or both, and is "${text}"`);
}
