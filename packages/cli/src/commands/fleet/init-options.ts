import { MosaicError } from "@mosaic/core/light";
import type { Invocation } from "../../command.ts";

/** What `fleet init` was asked. */
export interface InitOptions {
  readonly profile: string;
  /** Absolute. */
  readonly rosterPath: string;
  /** `check`: only that. */
  readonly action: "print" | "write" | "dry-run" | "check";
  readonly isForced: boolean;
  readonly wantsCheck: boolean;
  /** For a fleet of one folder: its home, absolute. */
  readonly projectHome: string | undefined;
}

/** Reads the flags of `fleet init`.
 *  @throws MosaicError USAGE for --force without anything to force */
export function initOptions({ flags, globals }: Invocation): InitOptions {
  const isForced = flags.boolean("force");
  const action = actionOf(flags);
  if (isForced && action !== "write" && action !== "dry-run") {
    throw new MosaicError("USAGE", "--force says how to write, and nothing is to be written", { hint: "add --write" });
  }
  return {
    profile: flags.text("profile") ?? "minimal",
    rosterPath: globals.rosterPath,
    action,
    isForced,
    wantsCheck: flags.boolean("check"),
    projectHome: flags.boolean("project-state") ? globals.mosaicHome : undefined,
  };
}

function actionOf(flags: Invocation["flags"]): InitOptions["action"] {
  if (flags.boolean("dry-run")) return "dry-run";
  if (flags.boolean("write")) return "write";
  return flags.boolean("check") ? "check" : "print";
}
