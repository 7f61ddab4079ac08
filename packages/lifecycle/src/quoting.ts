/** Quotes a text for a POSIX shell, so that it is one word and nothing in it means anything. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Quotes a text as one word of an `Exec…=` or `Environment=` line of a unit: neither specifiers nor variables are expanded.
 *  @param text of one line */
export function unitWord(text: string): string {
  return `"${unitPath(text).replaceAll(/[\\"]/g, "\\$&").replaceAll("$", "$$$$")}"`;
}

/** Writes a text for a line of a unit whose whole rest is the value, such as `EnvironmentFile=`: only specifiers mean something there. */
export function unitPath(text: string): string {
  return text.replaceAll("%", "%%");
}

/** Writes one variable for a file that systemd reads with `EnvironmentFile=`.
 *  @param value of one line */
export function environmentLine(name: string, value: string): string {
  return `${name}="${value.replaceAll(/[\\"`$]/g, "\\$&")}"\n`;
}
