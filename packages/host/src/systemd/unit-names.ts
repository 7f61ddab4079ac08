/** Makes the D-Bus object path of a unit, as systemd escapes it: every byte but ASCII letters and digits becomes `_xx`. */
export function toUnitPath(unit: string): string {
  let escaped = "";
  for (const byte of Buffer.from(unit)) {
    const character = String.fromCharCode(byte);
    escaped += /[A-Za-z0-9]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
  }
  return UNIT_PATH_START + escaped;
}

/** Reads a unit's name back from its object path; undefined for a path that is no unit's. */
export function fromUnitPath(path: string): string | undefined {
  if (!path.startsWith(UNIT_PATH_START)) return undefined;
  const escaped = path.slice(UNIT_PATH_START.length);
  if (!escaped.includes("_")) return escaped;
  // Each escape is one byte of UTF-8, so that the bytes are put together before they are read as text.
  const bytes = escaped.replace(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** The template that an instance comes from (`a@b.service` gives `a@.service`); undefined for what is no instance. A pattern
 *  may be given as well. */
export function templateOf(unit: string): string | undefined {
  const at = unit.indexOf("@");
  const dot = unit.lastIndexOf(".");
  if (at <= 0 || dot <= at + 1) return undefined;
  return `${unit.slice(0, at)}@${unit.slice(dot)}`;
}

/** Makes a test for unit names that fit one of the patterns (`*` and `?` as in a shell, which is how systemd reads them). */
export function createMatcher(patterns: readonly string[]): (unit: string) => boolean {
  const expressions = patterns.map((pattern) => new RegExp(`^${toExpression(pattern)}$`, "s"));
  return (unit) => expressions.some((expression) => expression.test(unit));
}

const UNIT_PATH_START = "/org/freedesktop/systemd1/unit/";

function toExpression(pattern: string): string {
  return pattern
    .replace(/[\\^$.+()[\]{}|]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
}
