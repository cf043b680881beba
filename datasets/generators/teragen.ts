import type { Generator } from "./generator.js";
import { Random } from "./random.js";

const KEY_BYTES = 10;
const HEX = "0123456789ABCDEF";

/**
 * The 100-byte records of the sort benchmark (https://sortbenchmark.org), as Hadoop's TeraGen lays them out:
 * 10 random key bytes, 00 11, the row number in 32 hexadecimal digits, 88 99 AA BB, 48 bytes of filler in twelve
 * runs of four, CC DD EE FF. No line end.
 */
export const teragen: Generator = {
  kind: "teragen",
  description: "100-byte binary records of the sort benchmark: 10 random key bytes, row number, filler; no line ends",
  extension: ".dat",
  maxRecordBytes: 100,
  open(seed) {
    const random = new Random(seed, "teragen");
    return {
      write(index, out, at) {
        random.seek(index);
        for (let i = 0; i < KEY_BYTES; i += 4) {
          const bits = random.next();
          out[at + i] = bits;
          out[at + i + 1] = bits >>> 8;
          // The third round writes two bytes too many; what follows covers them.
          out[at + i + 2] = bits >>> 16;
          out[at + i + 3] = bits >>> 24;
        }
        out[at + 10] = 0x00;
        out[at + 11] = 0x11;
        writeRow(index, out, at + 12);
        out[at + 44] = 0x88;
        out[at + 45] = 0x99;
        out[at + 46] = 0xaa;
        out[at + 47] = 0xbb;
        writeFiller(random, 48, out, at + 48);
        out[at + 96] = 0xcc;
        out[at + 97] = 0xdd;
        out[at + 98] = 0xee;
        out[at + 99] = 0xff;
        return at + 100;
      },
    };
  },
};

/**
 * The same in print, as `gensort -a` lays it out: 10 printable key bytes, two spaces, 32 hexadecimal digits, two
 * spaces, 52 bytes of filler, CR LF. `LC_ALL=C sort` orders such a file as the benchmark asks.
 */
export const teragenText: Generator = {
  kind: "teragen-text",
  description: "100-byte printable records of the sort benchmark, each a line that ends in CR LF",
  extension: ".txt",
  maxRecordBytes: 100,
  open(seed) {
    const random = new Random(seed, "teragen-text");
    return {
      write(index, out, at) {
        random.seek(index);
        for (let i = 0; i < KEY_BYTES; i++) out[at + i] = 32 + random.below(95);
        out[at + 10] = out[at + 11] = 32;
        writeRow(index, out, at + 12);
        out[at + 44] = out[at + 45] = 32;
        writeFiller(random, 52, out, at + 46);
        out[at + 98] = 13;
        out[at + 99] = 10;
        return at + 100;
      },
    };
  },
};

function writeRow(index: number, out: Uint8Array, at: number): void {
  let low = index | 0;
  let high = Math.floor(index / 2 ** 32);
  for (let place = at + 31; place >= at; place--) {
    out[place] = HEX.charCodeAt(low & 15);
    low = (low >>> 4) | (high << 28);
    high >>>= 4;
  }
}

function writeFiller(random: Random, bytes: number, out: Uint8Array, at: number): void {
  const end = at + bytes;
  for (let bits = 0; at < end; at += 4) {
    if ((bits >>>= 4) < 16) bits = random.next();
    const letter = HEX.charCodeAt(bits & 15);
    out[at] = out[at + 1] = out[at + 2] = out[at + 3] = letter;
  }
}
