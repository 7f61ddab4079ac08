import { MosaicError } from "@mosaic/core/light";
import type { Invocation } from "../../command.ts";
import { DEFAULT_TIMEOUT_MS, type GlobalOptions } from "../../parse/global-options.ts";

/** What `fleet ps` was asked. */
export interface PsOptions {
  readonly globals: GlobalOptions;
  readonly isAllHosts: boolean;
  readonly isWatch: boolean;
  readonly isLive: boolean;
  readonly isWide: boolean;
  readonly isJsonLines: boolean;
  readonly allowPartial: boolean;
  readonly isStrict: boolean;
  readonly maxAgeMs: number | undefined;
  readonly tenants: readonly string[];
  readonly hosts: readonly string[];
  readonly timeoutMs: number;
}

/** Reads the flags of `fleet ps`.
 *  @throws MosaicError USAGE for flags that contradict each other */
export function psOptions({ flags, globals }: Invocation): PsOptions {
  const isWatch = flags.boolean("watch");
  const isJsonLines = flags.boolean("jsonl");
  if (isWatch && globals.isJson) {
    throw new MosaicError("USAGE", "--watch never ends, so it can't be one JSON value", { hint: "use --watch --jsonl" });
  }
  if (isWatch && flags.boolean("live")) {
    throw new MosaicError("USAGE", "--watch and --live exclude each other", {
      hint: "a watch is told of every change as it happens",
    });
  }
  if (flags.boolean("strict") && flags.boolean("allow-partial")) {
    throw new MosaicError("USAGE", "--strict and --allow-partial exclude each other", {
      hint: "leave both out: a partial answer exits with 3",
    });
  }
  return {
    globals,
    isAllHosts: flags.boolean("all-hosts"),
    isWatch,
    isLive: flags.boolean("live"),
    isWide: flags.boolean("wide"),
    isJsonLines,
    allowPartial: flags.boolean("allow-partial"),
    isStrict: flags.boolean("strict"),
    maxAgeMs: flags.durationMs("max-age"),
    tenants: flags.texts("tenant"),
    hosts: flags.texts("host"),
    timeoutMs: globals.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
}
