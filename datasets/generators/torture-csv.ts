import { ByteTable } from "./byte-table.js";
import { writeInteger, writePadded } from "./digits.js";
import type { Generator } from "./generator.js";
import { Random } from "./random.js";

const COMMA = 44;
const QUOTE = 34;
const POINT = 46;
const LONG_NOTE_PIECES = 2000;

/** May stand in a field with or without quotes round it. */
const SAFE_PIECES = ["word", " ", "  ", "x", "'", "\\", "\\n", ";", "\t", "|", "=1+1", "naïve", "東京", "🚀", "e\u0301", "עברית", "#", "1e5"];
/** Need quotes round the field. The last but one looks like a record of its own, the last like the end of a field. */
const QUOTED_PIECES = [...SAFE_PIECES, ",", ",,", '"', '""', "\n", "\r\n", "\r", "\n\n", "\r\n7,fake,record,,1.50,,x,\r\n", '",'];

/** Whole fields as they stand in the file. */
const NAMES = ["plain", "with space", " led by a space", "trailed by one ", '"quoted"', '"Müller, Jörg"', '"O""Brien"', '"two\nlines"', "null", "007"];
const BLANKS = ["", '""'];
const QUOTES = ['""""', '""""""', '""","""', '"""whole"""', '"a""b"', '"\r\n"', '","', '" "', "none", '""'];

/**
 * Well-formed CSV (RFC 4180) that holds everything a reader trips over: commas, doubled quotes and line ends of each
 * kind in quotes, empty fields with and without quotes, a field that looks like a record, the odd note of 10 KB.
 * Records end in CR LF. A reader can check itself: `id` counts up from 0 and `note_bytes` is the UTF-8 length of
 * `note` once decoded.
 */
export const tortureCsv: Generator = {
  kind: "torture-csv",
  description: "well-formed CSV with quotes, delimiters, line ends and Unicode in fields; says what it should decode to",
  extension: ".csv",
  header: "id,name,note,note_bytes,amount,blank,quote,last\r\n",
  maxRecordBytes: 128 * 1024,
  open(seed) {
    const random = new Random(seed, "torture-csv");
    const decoded = new ByteTable(QUOTED_PIECES);
    const encoded = new ByteTable(QUOTED_PIECES.map((piece) => piece.replaceAll('"', '""')));
    const names = new ByteTable(NAMES.map((name) => `,${name},`));
    const blanks = new ByteTable(BLANKS.map((blank) => `,${blank},`));
    const quotes = new ByteTable(QUOTES);
    const lasts = new ByteTable([",\r\n", ',""\r\n', ",end\r\n", ',"end\r\n"\r\n']);
    return {
      write(index, out, at) {
        random.seek(index);
        at = writeInteger(index, out, at);
        at = names.write(random.below(NAMES.length), out, at);

        const quoted = (random.next() & 3) !== 0;
        const pieces = random.below(2000) === 0 ? LONG_NOTE_PIECES : random.below(9);
        const choices = quoted ? QUOTED_PIECES.length : SAFE_PIECES.length;
        let noteBytes = 0;
        if (quoted) out[at++] = QUOTE;
        for (let i = 0; i < pieces; i++) {
          const piece = random.below(choices);
          noteBytes += decoded.length(piece);
          at = encoded.write(piece, out, at);
        }
        if (quoted) out[at++] = QUOTE;
        out[at++] = COMMA;
        at = writeInteger(noteBytes, out, at);

        out[at++] = COMMA;
        at = writeInteger(random.below(10_000), out, at);
        out[at++] = POINT;
        at = writePadded(random.below(100), 2, out, at);
        at = blanks.write(random.below(BLANKS.length), out, at);
        at = quotes.write(random.below(QUOTES.length), out, at);
        return lasts.write(random.below(lasts.size), out, at);
      },
    };
  },
};
