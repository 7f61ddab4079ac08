const DAY_MS = 86_400_000;
const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))$/;

/** Reads an ISO-8601 instant such as `2026-11-21T10:00:00.5+01:00`, without the platform's lenient parser.
 *  The offset (`Z`, `±hh:mm` or `±hhmm`) is required: a local time names no instant. Fractions go to nine digits, after a
 *  point or (as GNU date writes it) a comma, and are cut to whole ms.
 *  @returns ms since 1970, or undefined for anything else, for a date that no calendar has, and for 24:00 and leap seconds. */
export function parseIsoTime(text: string): number | undefined {
  const parts = FORM.exec(text);
  if (parts === null) return undefined;
  const number = (group: number): number => Number(parts[group] ?? 0);
  const [year, month, day] = [number(1), number(2), number(3)];
  const [hours, minutes, seconds] = [number(4), number(5), number(6)];
  const [offsetHours, offsetMinutes] = [number(9), number(10)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const fractionMs = Number((parts[7] ?? "").slice(0, 3).padEnd(3, "0"));
  const offset = (offsetHours * 60 + offsetMinutes) * (parts[8] === "-" ? -1 : 1);
  return daysSince1970(year, month, day) * DAY_MS + ((hours * 60 + minutes - offset) * 60 + seconds) * 1000 + fractionMs;
}

/** Writes an instant as ISO-8601 in UTC with ms and an offset: `2026-11-21T10:00:00.500+00:00`.
 *  @param unixMs ms since 1970; fractions are dropped. Years 0 to 9999. */
export function formatIsoTime(unixMs: number): string {
  const whole = Math.floor(unixMs);
  const days = Math.floor(whole / DAY_MS);
  const msOfDay = whole - days * DAY_MS;
  const { year, month, day } = dateOf(days);
  const pad = (value: number, width: number): string => String(value).padStart(width, "0");
  const time = [msOfDay / 3_600_000, (msOfDay / 60_000) % 60, (msOfDay / 1000) % 60]
    .map((value) => pad(Math.floor(value), 2))
    .join(":");
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${time}.${pad(msOfDay % 1000, 3)}+00:00`;
}

// Both ways count in 400-year cycles of 146,097 days that start on 1 March, so that the leap day is the last of its year.
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const cycle = Math.floor(shifted / 400);
  const yearOfCycle = shifted - cycle * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return cycle * 146_097 + yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear - 719_468;
}

function dateOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const cycle = Math.floor(shifted / 146_097);
  const dayOfCycle = shifted - cycle * 146_097;
  const leapDays = Math.floor(dayOfCycle / 1460) - Math.floor(dayOfCycle / 36_524) + Math.floor(dayOfCycle / 146_096);
  const yearOfCycle = Math.floor((dayOfCycle - leapDays) / 365);
  const dayOfYear = dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0), month, day };
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
