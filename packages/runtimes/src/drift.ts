import type { ProcessFacts } from "@mosaic/core";
import { lastPart, programOf } from "./process-names.ts";
import { recogniseRuntime } from "./registry.ts";

const SHELLS = new Set(["bash", "sh", "dash", "zsh", "fish", "ksh", "mksh", "tcsh", "csh", "ash"]);

/** Programs that run others in their own place or below themselves: of these only a child can tell. */
const LAUNCHERS = new Set([
  ...SHELLS,
  "busybox",
  "env",
  "sudo",
  "timeout",
  "nice",
  "nohup",
  "script",
  "stdbuf",
  "systemd-run",
  "tini",
  "dumb-init",
]);

/** Programs that people leave in a pane and that certainly are no agent. */
const BYSTANDERS = new Set([
  ...[
    "vi",
    "vim",
    "nvim",
    "nano",
    "emacs",
    "less",
    "more",
    "man",
    "top",
    "htop",
    "tail",
    "cat",
    "sleep",
    "ssh",
    "tmux",
    "screen",
  ],
]);

/** Says what really runs in an agent's pane, when that is certainly not what the roster asks for.
 *  The rule, strictest evidence first, and silent whenever there is doubt, because a false drift on every agent after an
 *  update of a runtime is worse than a late one:
 *  1. a process (or, below a shell or launcher, one of its children) that some other runtime recognises: that runtime;
 *  2. an interactive shell, or a program from a short list of things that are no agents: its own name, `bash`, `vim`, …;
 *  3. anything else, such as an unknown binary, an interpreter, or a shell that runs a script: nothing.
 *  @param rosterRuntime what the roster asks for; `command` may be any program and never drifts.
 *  @param process the pane's first process, and `children` the processes directly below it.
 *  @returns a runtime's or a program's name, or undefined for "no drift, or can't tell". */
export function driftOf(rosterRuntime: string, process: ProcessFacts, children: readonly ProcessFacts[]): string | undefined {
  if (rosterRuntime === "command") return undefined;
  const seen = recogniseRuntime(process, children);
  if (seen !== undefined) return seen === rosterRuntime ? undefined : seen;
  const program = programOf(process);
  const below = LAUNCHERS.has(program) ? children.flatMap((child) => recogniseRuntime(child, []) ?? []) : [];
  if (below.includes(rosterRuntime)) return undefined;
  if (below[0] !== undefined) return below[0];
  // Debian's vim is `vim.basic`.
  const plain = program.replace(/\..*$/, "");
  return BYSTANDERS.has(plain) || isInteractiveShell(process) ? plain : undefined;
}

/** A shell with a script, or with `-c`, is on its way to start something; one with nothing but options waits for a person. */
function isInteractiveShell(process: ProcessFacts): boolean {
  if (!SHELLS.has(programOf(process)) || process.arguments.length === 0) return false;
  const [first = "", ...rest] = process.arguments;
  const isShellItself = SHELLS.has(lastPart(first).replace(/^-/, ""));
  // `-c` and `-s` are what makes a shell run a text; long options such as `--login` or `--norc` do not.
  return isShellItself && rest.every((argument) => /^(-[^-cs]+|--[a-z]+)$/.test(argument));
}
