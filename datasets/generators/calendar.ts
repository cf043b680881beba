import { ByteTable } from "./byte-table.js";
import { writePadded } from "./digits.js";

const DAY_SECONDS = 86_400;
const MONTHS = new ByteTable("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" "));
const [COLON, SLASH, DASH, POINT, LETTER_T, LETTER_Z] = [58, 47, 45, 46, 84, 90];

/** Writes `01/Jan/2025:00:00:00`, the time of an Apache log, from seconds since 1970. */
export function writeLogTime(seconds: number, out: Uint8Array, at: number): number {
  const day = Math.floor(seconds / DAY_SECONDS);
  const date = civilDate(day);
  at = writePadded(date & 31, 2, out, at);
  out[at++] = SLASH;
  at = MONTHS.write(((date >> 5) & 15) - 1, out, at);
  out[at++] = SLASH;
  at = writePadded(date >> 9, 4, out, at);
  out[at++] = COLON;
  return writeClock(seconds - day * DAY_SECONDS, out, at);
}

/** Writes `2025-01-01T00:00:00.000Z` from milliseconds since 1970. */
export function writeIsoTime(milliseconds: number, out: Uint8Array, at: number): number {
  const seconds = Math.floor(milliseconds / 1000);
  const day = Math.floor(seconds / DAY_SECONDS);
  const date = civilDate(day);
  at = writePadded(date >> 9, 4, out, at);
  out[at++] = DASH;
  at = writePadded((date >> 5) & 15, 2, out, at);
  out[at++] = DASH;
  at = writePadded(date & 31, 2, out, at);
  out[at++] = LETTER_T;
  at = writeClock(seconds - day * DAY_SECONDS, out, at);
  out[at++] = POINT;
  at = writePadded(milliseconds - seconds * 1000, 3, out, at);
  out[at++] = LETTER_Z;
  return at;
}

function writeClock(secondOfDay: number, out: Uint8Array, at: number): number {
  const minutes = (secondOfDay / 60) | 0;
  const hours = (minutes / 60) | 0;
  at = writePadded(hours, 2, out, at);
  out[at++] = COLON;
  at = writePadded(minutes - hours * 60, 2, out, at);
  out[at++] = COLON;
  return writePadded(secondOfDay - minutes * 60, 2, out, at);
}

/** Year, month and day of a day since 1970, packed as year << 9 | month << 5 | day. Hinnant's civil_from_days. */
function civilDate(day: number): number {
  const shifted = day + 719_468;
  const era = (shifted / 146_097) | 0;
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0;
  const dayOfMonth = dayOfYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return (year << 9) | (month << 5) | dayOfMonth;
}
