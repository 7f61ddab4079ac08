import { MosaicError, nearNames } from "@mosaic/core/light";
import type { Command } from "../command.ts";

/** Checks that a command got the arguments it declares.
 *  @throws MosaicError USAGE for a missing, a superfluous, or an unknown one */
export function checkArguments(command: Command, args: readonly string[]): void {
  const name = `mosaic ${command.path.join(" ")}`;
  const hint = `see ${name} --help`;
  const missing = command.args.find((argument, index) => !argument.isOptional && args[index] === undefined);
  if (missing) throw new MosaicError("USAGE", `${name} needs <${missing.name}>: ${missing.help}`, { hint });
  const takesMany = command.args.at(-1)?.isMany ?? false;
  const surplus = takesMany ? undefined : args[command.args.length];
  if (surplus !== undefined)
    throw new MosaicError("USAGE", `${name}: one word too many: ${JSON.stringify(surplus.slice(0, 200))}`, { hint });
  for (const [index, argument] of command.args.entries()) {
    const given = args[index];
    if (given === undefined || !argument.choices || argument.choices.includes(given)) continue;
    const near = nearNames(given, argument.choices);
    throw new MosaicError(
      "USAGE",
      `${name}: <${argument.name}> must be one of ${argument.choices.join(", ")}, not ${JSON.stringify(given)}`,
      {
        hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : hint,
      },
    );
  }
}
