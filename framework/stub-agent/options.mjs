import { parseArgs } from "node:util";
import { BEHAVIOURS, parseBehaviourList } from "./behaviours.mjs";

/** @typedef {import("./behaviours.mjs").Behaviour} Behaviour
 *  @typedef {object} Options
 *  @property {string} agentName
 *  @property {string} tenantId
 *  @property {string} host
 *  @property {string} mosaicHome empty: no heartbeat file
 *  @property {string} nodeSocketPath empty: nothing is reported to a node
 *  @property {string} resumeId the conversation to go on with; empty: a new one
 *  @property {boolean} alternateScreen
 *  @property {number} slowMs
 *  @property {number} intervalMs
 *  @property {boolean} isIntervalFixed true when it was given, so that the node's wish does not count
 *  @property {Behaviour[]} behaviours */

/** Reads the command line and the environment.
 *  @param {readonly string[]} args
 *  @param {Readonly<Record<string, string | undefined>>} env
 *  @returns {{ options: Options } | { problem: string } | { help: string }} */
export function readOptions(args, env) {
  /** @type {Record<string, string | boolean | undefined>} */
  let flags;
  try {
    flags = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (flags.help === true) return { help: HELP };
  const slow = flags.slow ?? "300";
  const interval = flags.interval ?? "15";
  const { behaviours, problem } = parseBehaviourList(String(flags.behave ?? ""));
  const agentName = env.MOSAIC_AGENT_NAME || "stub";
  if (!/^\d{1,7}$/.test(String(slow))) return { problem: `--slow takes a whole number of ms, not "${slow}"` };
  if (!/^\d{1,4}(\.\d{1,3})?$/.test(String(interval)) || Number(interval) < 0.05 || Number(interval) > 3600) {
    return { problem: `--interval takes 0.05 to 3600 seconds, not "${interval}"` };
  }
  const resumeId = String(flags.resume ?? "");
  // It becomes a file's name.
  if (!/^[A-Za-z0-9-]{0,100}$/.test(resumeId))
    return { problem: `--resume takes a conversation's id, not ${JSON.stringify(resumeId)}` };
  if (problem !== undefined) return { problem: `--behave: ${problem}` };
  // The name becomes a file's name.
  if (!/^[A-Za-z0-9_.-]{1,200}$/.test(agentName)) return { problem: `MOSAIC_AGENT_NAME "${agentName}" is no agent's name` };
  return {
    options: {
      agentName,
      tenantId: env.MOSAIC_TENANT ?? "",
      host: env.MOSAIC_HOST ?? "",
      mosaicHome: env.MOSAIC_HOME ?? "",
      nodeSocketPath: env.MOSAIC_NODE_SOCKET ?? "",
      resumeId,
      alternateScreen: flags["alternate-screen"] === true,
      slowMs: Number(slow),
      intervalMs: Math.round(Number(interval) * 1000),
      isIntervalFixed: flags.interval !== undefined,
      behaviours,
    },
  };
}

const FLAGS = /** @type {const} */ ({
  help: { type: "boolean", short: "h" },
  "alternate-screen": { type: "boolean" },
  slow: { type: "string" },
  interval: { type: "string" },
  behave: { type: "string" },
  resume: { type: "string" },
});

const HELP = `stub-agent.mjs: a terminal program that stands in for a coding agent.

  node stub-agent.mjs [--alternate-screen] [--slow <ms>] [--interval <s>] [--behave <list>] [--resume <id>]

  --alternate-screen  uses the terminal's alternate screen, as full-screen programs do
  --slow <ms>         time from a message to its answer (300)
  --interval <s>      time between two heartbeats (15, or what the node asks for)
  --behave <list>     behaves so from the start; names below, separated by commas
  --resume <id>       goes on with a conversation; ends with status 1 when there is none of that id

Keys: Enter submits, Ctrl-U clears the draft, Ctrl-C clears it too and quits when it is empty. /clear starts over.

Behaviours, also as words in a message (stub:slow=2000):
${BEHAVIOURS.map(([name, value, meaning]) => `  ${(value === "" ? name : value.endsWith("?") ? `${name}[=${value.slice(0, -1)}]` : `${name}=<${value}>`).padEnd(17)} ${meaning}`).join("\n")}

Environment: MOSAIC_AGENT_NAME, MOSAIC_TENANT, MOSAIC_HOST name the agent. With MOSAIC_HOME it writes its heartbeat to
fleet/run/<agent>.hb there, and its conversation to stub-agent/<id>.jsonl; with MOSAIC_NODE_SOCKET it reports to the node on that Unix socket: its state, the id of its
conversation, the SHA-256 of each prompt it took, and the turns that ended.

Examples:
  MOSAIC_AGENT_NAME=coder0 MOSAIC_HOME=~/.config/mosaic node stub-agent.mjs
  node stub-agent.mjs --alternate-screen --slow 2000
  node stub-agent.mjs --behave waiting=permission
  Then type:  please review stub:slow=5000        answers after 5 s, from now on
              stub:fail=rate_limit                this turn fails
              stub:die=3                          exits with status 3
In a roster, with runtime stub:  model_hint: alternate-screen,slow=500,wedged
`;
