import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { openAudit } from "../../local/open-audit.ts";
import { plainText } from "../../output/plain-text.ts";

type Facts = Readonly<Record<string, string | number | boolean>>;

/** Puts an event of the caller's own on record on this host. */
export async function run({ args, flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  const [name = ""] = args;
  if (!/^[a-z0-9]+([._-][a-z0-9]+)*$/.test(name) || name.length > MAX_NAME) {
    throw new MosaicError("USAGE", `${JSON.stringify(name.slice(0, 80))} is no name of an event`, {
      hint: "write lower case, digits and dots, for example deploy.done",
    });
  }
  const facts = parseData(flags.text("data") ?? "{}");
  const action = `event.${name}`;
  const { audit, who } = await openAudit(globals, io);
  await audit.record({ ...who, action, facts });
  const { actor, tenantId: tenant_id, host } = who;
  return {
    exitCode: EXIT_CODES.ok,
    envelope: { schema: "mosaic.system.event/1", complete: true, action, actor, tenant_id, host, facts },
    text: () => `${plainText(action)} is on record.\n`,
  };
}

const MAX_NAME = 64;

/** @throws MosaicError USAGE for what is no flat object */
function parseData(text: string): Facts {
  const hint = `write a flat object: --data '{"version":"1.2.3","ok":true}'`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MosaicError("USAGE", `--data is no JSON: ${(cause as Error).message}`, { hint, cause });
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value as object) : [];
  const odd = entries.find(([, each]) => !["string", "number", "boolean"].includes(typeof each));
  if (isObject && odd === undefined) return value as Facts;
  const what = odd === undefined ? "it is no object" : `${JSON.stringify(odd[0])} is neither a text, a number nor true or false`;
  throw new MosaicError("USAGE", `--data can't be put on record: ${what}`, { hint });
}
