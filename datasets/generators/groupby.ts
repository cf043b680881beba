import { writeInteger, writePadded } from "./digits.js";
import type { Generator } from "./generator.js";
import { Random } from "./random.js";

/** Few groups in id1, id2, id4, id5; many in id3 and id6: those of the benchmark's table of 10 million rows. */
const FEW = 100;
const MANY = 100_000;
const COMMA = 44;
const POINT = 46;
const NEWLINE = 10;
const LETTER_I = 105;
const LETTER_D = 100;

/** The table of db-benchmark's group-by questions (https://github.com/duckdblabs/db-benchmark) as CSV. */
export const groupby: Generator = {
  kind: "groupby",
  description: `CSV of the db-benchmark group-by questions: ids with ${FEW} and ${MANY.toLocaleString("en")} groups, three values`,
  extension: ".csv",
  header: "id1,id2,id3,id4,id5,id6,v1,v2,v3\n",
  maxRecordBytes: 96,
  open(seed) {
    const random = new Random(seed, "groupby");
    return {
      write(index, out, at) {
        random.seek(index);
        at = writeId(1 + random.below(FEW), 3, out, at);
        at = writeId(1 + random.below(FEW), 3, out, at);
        at = writeId(1 + random.below(MANY), 10, out, at);
        at = writeField(1 + random.below(FEW), out, at);
        at = writeField(1 + random.below(FEW), out, at);
        at = writeField(1 + random.below(MANY), out, at);
        at = writeField(1 + random.below(5), out, at);
        at = writeField(1 + random.below(15), out, at);
        at = writeInteger(random.below(100), out, at);
        out[at++] = POINT;
        at = writePadded(random.below(1_000_000), 6, out, at);
        out[at++] = NEWLINE;
        return at;
      },
    };
  },
};

function writeId(value: number, width: number, out: Uint8Array, at: number): number {
  out[at] = LETTER_I;
  out[at + 1] = LETTER_D;
  const end = writePadded(value, width, out, at + 2);
  out[end] = COMMA;
  return end + 1;
}

function writeField(value: number, out: Uint8Array, at: number): number {
  const end = writeInteger(value, out, at);
  out[end] = COMMA;
  return end + 1;
}
