/** Counts the words that `markWords` marked, straight from the text, in the table of key-table.ts. */
import { addressOf, batch, batchEnd, countBatch, hashKey, ITEM } from "./key-table";

/**
 * Counts the words of text[0..length) from byte `from` on, where no word is under way. Returns where it stopped: `length`, or
 * the start of a word that is new and has no room. Marks and text are followed by 64 bytes of zeros.
 */
export function countWords(text: usize, mask: usize, from: i32, length: i32): i32 {
  /** Where the next word begins, unless it does so in a later block. */
  let start = from;
  let inside: u64 = 0;
  let skip = from & 63;
  let end = batch;
  for (let x = from & ~63; x <= length; x += 64) {
    let bits = load<u64>(mask + (x >> 3));
    bits = bits >> skip << skip;
    skip = 0;
    const shifted = (bits << 1) | inside;
    let ends = shifted & ~bits;
    let starts = bits & ~shifted;
    if (!inside) {
      start = x + <i32>ctz(starts);
      starts &= starts - 1;
    }
    inside = bits >> 63;
    for (; ends != 0; ends &= ends - 1) {
      hashKey(end, text + start, x + <i32>ctz(ends) - start);
      end += ITEM;
      start = x + <i32>ctz(starts);
      starts &= starts - 1;
    }
    if (end >= batchEnd || x + 64 > length) {
      const undone = countBatch(end, 0);
      if (undone != end) return <i32>(addressOf(undone) - text);
      end = batch;
    }
  }
  return length;
}
