import { ByteTable } from "./byte-table.js";
import { writeInteger } from "./digits.js";
import type { Generator } from "./generator.js";
import { Random } from "./random.js";
import { STATION_COUNT, stationNames } from "./stations.js";

const SEMICOLON = 59;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NEWLINE = 10;
const LIMIT = 999;

/** The lines of the One Billion Row Challenge (https://github.com/gunnarmorling/1brc): `station;-12.3`. */
export const measurements: Generator = {
  kind: "measurements",
  description: `1BRC lines "station;12.3": ${STATION_COUNT} stations with UTF-8 names, one decimal, -99.9 to 99.9`,
  extension: ".txt",
  maxRecordBytes: 128,
  open(seed) {
    const random = new Random(seed, "measurements");
    const names = new ByteTable(stationNames());
    const means = Int32Array.from({ length: STATION_COUNT }, (_, station) => meanTenths(station));
    return {
      write(index, out, at) {
        random.seek(index);
        const station = random.below(STATION_COUNT);
        at = names.write(station, out, at);
        out[at++] = SEMICOLON;
        let tenths = means[station]! + deviationTenths(random.next());
        tenths = tenths > LIMIT ? LIMIT : tenths < -LIMIT ? -LIMIT : tenths;
        if (tenths < 0) {
          out[at++] = MINUS;
          tenths = -tenths;
        }
        const degrees = (tenths / 10) | 0;
        at = writeInteger(degrees, out, at);
        out[at++] = POINT;
        out[at++] = ZERO + (tenths - degrees * 10);
        out[at++] = NEWLINE;
        return at;
      },
    };
  },
};

/** A climate of its own for each station, the same for every seed: -5 to 30 degrees. */
function meanTenths(station: number): number {
  const random = new Random(0, "climate");
  random.seek(station);
  return random.below(351) - 50;
}

/** The sum of four bytes is nearly normal; scaled to a standard deviation of 10 degrees. */
function deviationTenths(bits: number): number {
  const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
  return Math.round((sum - 510) * 0.677);
}
