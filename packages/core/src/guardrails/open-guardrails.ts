import { type LastGoodFile, openLastGoodFile } from "../config/last-good-file.ts";
import { MosaicError } from "../errors.ts";
import type { Log } from "../ports/log.ts";
import type { WatchedFiles } from "../ports/watched-file.ts";
import { type Guardrails, NO_GUARDRAILS } from "./guardrails.ts";

const MAX_BYTES = 1024 * 1024;

/** Opens the guardrails of this host and follows their file. Where there is none, none are in force until there is one; one that is
 *  gone or can't be used any more leaves the last good ones in force.
 *  @throws MosaicError POLICY_INVALID when they can't be used at the start */
export async function openGuardrails(files: WatchedFiles, log: Log, path: string): Promise<LastGoodFile<Guardrails>> {
  // The port's own methods may need their object.
  const orNone: WatchedFiles = {
    list: (folder, suffix) => files.list(folder, suffix),
    read: async (each, maxBytes) => (await files.read(each, maxBytes)) ?? NONE,
    onChange: (folder, listener) => files.onChange(folder, listener),
  };
  const gone = () =>
    new MosaicError("POLICY_INVALID", `${path} is gone`, { hint: `to have no rules, write: echo 'rules: []' > ${path}` });
  return await openLastGoodFile<Guardrails>(
    orNone,
    log,
    {
      ...{ path, maxBytes: MAX_BYTES, missing: gone },
      async parse(text) {
        if (text === NONE) return NO_GUARDRAILS;
        // With it comes the engine of patterns, which most hosts never need in memory.
        const { parseGuardrails } = await import("./parse-guardrails.ts");
        return parseGuardrails(text, path);
      },
      assertMayReplace(fresh, inForce) {
        if (fresh === NO_GUARDRAILS && inForce !== NO_GUARDRAILS) throw gone();
      },
    },
    () => {},
  );
}

/** No file has this text: YAML knows no such character. */
const NONE = "\u0000";
