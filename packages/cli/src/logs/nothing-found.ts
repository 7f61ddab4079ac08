import type { LogLevel } from "./log-line.ts";

/** Says that no line was found, and where: of a healthy daemon that is good news, and not that it has no log.
 *  @param level the least one that was asked for; debug: every line */
export function nothingFound(level: LogLevel, sources: readonly string[]): string {
  const what = level === "debug" ? "nothing is there" : `no line of level ${level} or above`;
  return `${what}: ${sources.join(", ")}`;
}
