/** Counts the words that `markWords` marked, straight from the text, in the table of key-table.ts. */
import { BATCH, countBatch } from "./key-table";

/** Where the words of a batch begin and end, in turn, with room for the 64 that one step may add and the 23 that it writes in vain. */
const edges: usize = memory.data((2 * 224 + 96) * 4, 16);

/**
 * Counts the words of text[0..length) from byte `from` on, where no word is under way. Returns where it stopped: `length`, or
 * the start of a word where the table may lack the room for a batch. Marks and text are followed by 64 bytes of zeros.
 */
export function countWords(text: usize, mask: usize, from: i32, length: i32): i32 {
  let inside: u64 = 0;
  let skip = from & 63;
  let end = edges;
  for (let x = from & ~63; x <= length; x += 64) {
    let bits = load<u64>(mask + (x >> 3));
    bits = bits >> skip << skip;
    skip = 0;
    const changes = bits ^ ((bits << 1) | inside);
    inside = bits >> 63;
    writeEdges(end, changes, x);
    end += <usize>popcnt(changes) << 2;
    const words = <i32>((end - edges) >> 3);
    if (words >= BATCH || (words > 0 && x + 64 > length)) {
      if (!countBatch(text, edges, 8, 0, words, load<u32>(end - 4) - load<u32>(edges), 0, true)) return load<i32>(edges);
      // Where a word is under way, its start.
      store<u32>(edges, load<u32>(end - 4));
      end = edges + (<usize>inside << 2);
    }
  }
  return length;
}

/** Writes the places of bits: 24 at once, without a branch, for most steps have no more. */
// @ts-ignore: decorator
@inline
function writeEdges(at: usize, bits: u64, x: i32): void {
  for (; bits != 0; at += 96) {
    bits = writeEight(at, bits, x);
    bits = writeEight(at + 32, bits, x);
    bits = writeEight(at + 64, bits, x);
  }
}

// @ts-ignore: decorator
@inline
function writeEight(at: usize, bits: u64, x: i32): u64 {
  bits = writeTwo(at, bits, x);
  bits = writeTwo(at + 8, bits, x);
  bits = writeTwo(at + 16, bits, x);
  return writeTwo(at + 24, bits, x);
}

// @ts-ignore: decorator
@inline
function writeTwo(at: usize, bits: u64, x: i32): u64 {
  store<u32>(at, x + <i32>ctz(bits));
  bits &= bits - 1;
  store<u32>(at, x + <i32>ctz(bits), 4);
  return bits & (bits - 1);
}
