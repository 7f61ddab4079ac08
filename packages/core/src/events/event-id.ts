const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

/** Makes a ULID that is greater than the one before it, also when the clock was set back in between.
 *  @param last the newest of the journal; empty: there is none
 *  @param random a number from 0 up to 1 */
export function newEventId(last: string, nowUnixMs: number, random: () => number): string {
  const time = digitsOf(nowUnixMs);
  if (last.slice(0, TIME_DIGITS) >= time && isEventId(last)) return following(last);
  return time + Array.from({ length: RANDOM_DIGITS }, () => DIGITS[Math.floor(random() * 32)] ?? "0").join("");
}

/** True for what has the form of an event's id. */
export function isEventId(text: string): boolean {
  return /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text);
}

function digitsOf(unixMs: number): string {
  let text = "";
  for (let rest = unixMs; text.length < TIME_DIGITS; rest = Math.floor(rest / 32)) text = DIGITS[rest % 32] + text;
  return text;
}

function following(id: string): string {
  const end = id.replace(/Z*$/, "");
  const last = end.at(-1) ?? "0";
  return `${end.slice(0, -1)}${DIGITS[DIGITS.indexOf(last) + 1] ?? "Z"}`.padEnd(id.length, "0");
}
