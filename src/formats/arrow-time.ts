/** Points in time and days as Dates; times of day and durations as milliseconds. */
import { startOfDay } from "../columnar/codec.js";
import type { TimeUnit } from "../columnar/ipc-schema.js";
import { typed, ValueError, withNulls, type Decoder } from "./arrow-values.js";

const DAY = 86_400_000;
const PER_MILLISECOND: Record<TimeUnit, number> = { s: 0.001, ms: 1, us: 1000, ns: 1_000_000 };

export function timestampDecoder(nullable: boolean, unit: TimeUnit): Decoder {
  return (array) => {
    const values = typed(BigInt64Array, array.buffers[0], array.rows);
    return withNulls(array, nullable, { get: (row) => dateOf(milliseconds(values[row]!, unit)) });
  };
}

/** Days since the epoch in 32 bits, or milliseconds in 64. `wholeDays` drops a time of day. */
export function dateDecoder(nullable: boolean, unit: "day" | "ms", wholeDays: boolean): Decoder {
  return (array) => {
    if (unit === "day") {
      const days = typed(Int32Array, array.buffers[0], array.rows);
      return withNulls(array, nullable, { get: (row) => dateOf(days[row]! * DAY) });
    }
    const times = typed(BigInt64Array, array.buffers[0], array.rows);
    return withNulls(array, nullable, { get: (row) => dateOf(wholeDays ? startOfDay(Number(times[row])) : Number(times[row])) });
  };
}

export function millisecondsDecoder(nullable: boolean, unit: TimeUnit, bits: number): Decoder {
  const factor = PER_MILLISECOND[unit];
  return (array) => {
    const values = bits === 32 ? typed(Int32Array, array.buffers[0], array.rows) : typed(BigInt64Array, array.buffers[0], array.rows);
    return withNulls(array, nullable, { get: (row) => Number(values[row]) / factor, flat: "float64" });
  };
}

/** Rounds down, exactly: a double would move times near the end of a millisecond into the next. */
function milliseconds(value: bigint, unit: TimeUnit): number {
  if (unit === "s") return Number(value) * 1000;
  if (unit === "ms") return Number(value);
  const divisor = unit === "us" ? 1000n : 1_000_000n;
  const quotient = Number(value / divisor);
  return value < 0n && value % divisor !== 0n ? quotient - 1 : quotient;
}

function dateOf(time: number): Date {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new ValueError(`is ${time} ms from 1970, which a Date cannot hold`);
  return date;
}
