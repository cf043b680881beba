import { ByteTable } from "./byte-table.js";
import type { Generator } from "./generator.js";
import { Random } from "./random.js";
import { vocabulary } from "./vocabulary.js";
import { Zipf } from "./zipf.js";

const WORDS = 100_000;
const SPACE = 32;
const NEWLINE = 10;

/** After a word, by a random byte: most often nothing. */
const MARKS = ["", ",", ".", ";", ":", "?", "!", " —", ",”", "…"];
const MARK_SHARES = [205, 24, 16, 3, 2, 2, 1, 1, 1, 1];

/** Prose: lines of 5 to 15 words of a made-up language, their frequencies by Zipf's law, with capitals and marks. */
export const text: Generator = {
  kind: "text",
  description: `lines of 5 to 15 words, Zipf over ${WORDS.toLocaleString("en")} words; capitals, punctuation, some non-ASCII`,
  extension: ".txt",
  maxRecordBytes: 1024,
  open(seed) {
    const random = new Random(seed, "text");
    const words = new ByteTable(vocabulary(WORDS));
    const zipf = new Zipf(WORDS);
    const marks = new ByteTable(MARKS);
    const markOf = Uint8Array.from(MARK_SHARES.flatMap((share, mark) => new Array<number>(share).fill(mark)));
    return {
      write(index, out, at) {
        random.seek(index);
        const count = 5 + random.below(11);
        for (let w = 0; w < count; w++) {
          if (w > 0) out[at++] = SPACE;
          const start = at;
          at = words.write(zipf.sample(random), out, at);
          const bits = random.next();
          const capital = w === 0 ? (bits & 1) === 0 : (bits & 31) === 0;
          if (capital) capitalise(out, start);
          const mark = markOf[bits >>> 24]!;
          if (mark > 0) at = marks.write(mark, out, at);
        }
        out[at++] = NEWLINE;
        return at;
      },
    };
  },
};

function capitalise(out: Uint8Array, at: number): void {
  const letter = out[at]!;
  if (letter >= 97 && letter <= 122) out[at] = letter - 32;
}
