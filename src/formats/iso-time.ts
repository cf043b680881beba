const DAY = /^(\d{4}|[+-]\d{6})-(\d{2})-(\d{2})/;
const TIME = /^[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/;
const FOUR_CENTURIES = 146_097 * 86_400_000;

/**
 * Milliseconds since the epoch of an ISO 8601 day or time, or undefined when the text is none. Unlike
 * `Date.parse` it takes no other forms, no 30 February, and reads a time without a zone as UTC, so that the
 * answer does not depend on the machine. Digits beyond milliseconds are cut off.
 */
export function parseIsoTime(text: string): number | undefined {
  const day = DAY.exec(text);
  if (day === null) return undefined;
  const time = midnight(day);
  const rest = text.slice(day[0].length);
  if (time === undefined || rest === "") return time;
  const clock = TIME.exec(rest);
  if (clock === null) return undefined;
  const [hours, minutes, seconds] = [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)];
  const zone = zoneMinutes(clock[5] ?? "Z");
  if (hours > 23 || minutes > 59 || seconds > 59 || zone === undefined) return undefined;
  const millis = Number((clock[4] ?? "").padEnd(3, "0").slice(0, 3));
  return valid(time + ((hours * 60 + minutes - zone) * 60 + seconds) * 1000 + millis);
}

/** Midnight UTC of a day `YYYY-MM-DD`, or undefined when the text is none. */
export function parseIsoDay(text: string): number | undefined {
  const found = DAY.exec(text);
  return found === null || found[0].length !== text.length ? undefined : midnight(found);
}

/** The day of a time as `YYYY-MM-DD`. */
export function printIsoDay(time: number): string {
  return new Date(time).toISOString().slice(0, -"T00:00:00.000Z".length);
}

function midnight(found: RegExpExecArray): number | undefined {
  if (found[1] === "-000000") return undefined;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999; 400 years hold a whole number of days.
  return valid(year >= 0 && year < 100 ? Date.UTC(year + 400, month - 1, day) - FOUR_CENTURIES : Date.UTC(year, month - 1, day));
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

function zoneMinutes(zone: string): number | undefined {
  if (zone === "Z") return 0;
  const digits = zone.replace(":", "");
  const [hours, minutes] = [Number(digits.slice(1, 3)), Number(digits.slice(3))];
  if (hours > 23 || minutes > 59) return undefined;
  return (digits[0] === "-" ? -1 : 1) * (hours * 60 + minutes);
}

/** Times that a Date can hold. */
function valid(time: number): number | undefined {
  return Math.abs(time) <= 8.64e15 ? time : undefined;
}
