/**
 * A key table (see key-table.ts, its twin) that lies in the memory of a kernel (kernels/assembly/key-table.ts). Besides
 * codes it counts hits: how often each key was encoded; or it keeps a record for each key instead, whose cells are its holder's. Its memory, in this order:
 *
 *     statics | text, 1 MiB | word marks | starts | late keys | codes | word characters | offsets | arena | entries | index
 *
 * Text is where keys are put for the kernel (key-block.ts), or whole text to find words in (kernel-words.ts). What follows the offsets
 * grows by doubling; the memory stays for the next keys after `clear`.
 */
import type { BytesColumn } from "./columns.js";
import { ByteSink } from "./byte-sink.js";
import type { RecordRoom } from "./coded-texts.js";
import type { KeyNumbers, OrderedKeys } from "./key-numbers.js";
import { KernelOrder, keysInOrder } from "./ordered-keys.js";
import { newKernels, type Kernels } from "./kernels/wasm.js";

const STATICS = 1 << 16;
export const TEXT_BYTES = 1 << 20;
/** Kernels read behind what they work on. */
const SLACK = 64;
/** Keys that the kernel looks up at once, at most: so many that it finds all of them the room, or none. */
export const MOST_BATCH = 256;
/** Keys given to the kernel at once. */
export const BLOCK_ROWS = 8192;

/** Where things of fixed size lie. */
export const PLACES = places();

/** Of an entry, what is before the hits or the record. */
export const ENTRY_HEAD = 24;

/** With a multiple of 32, few entries share two cache lines. */
export function entryBytes(recordBytes: number): number {
  return Math.ceil((ENTRY_HEAD + Math.max(8, recordBytes)) / 32) * 32;
}

/** Places in the index. */
const FEWEST_PLACES = 4096;
const LOAD = 0.5;
/** An index of so many is in no cache. The next may as well be four times as large: it saves one that is filled in vain. */
const MANY_PLACES = 1 << 20;
/** An entry, an offset and two to four places in the index, of many up to eight. */
const BYTES_PER_KEY = 56;
/** Kernel memory is addressed by 32 bits. */
const MOST_MEMORY = 2 ** 32 - 2 ** 16;
const MOST_KEY_BYTES = Math.floor(1.9 * 2 ** 30);

export class KernelKeyTable implements KeyNumbers {
  readonly kernels: Kernels;
  /** Whose bits stand at PLACES.wordCharacters (see kernel-words.ts). */
  wordCharacters: RegExp | undefined;
  readonly #seed: { readonly high: number; readonly low: number };
  /** One key as UTF-8. */
  readonly #text = new ByteSink(256);
  readonly #oneRange = new Int32Array(2);
  readonly #oneCode = new Int32Array(1);
  #views: Views;
  #capacity: number;
  /** Of each key; 0 where hits are counted. */
  #recordBytes = 0;
  #arenaAt = 0;
  #arenaBytes: number;
  #entriesAt = 0;
  #end = 0;

  constructor(seed: number) {
    this.#seed = { high: Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b), low: Math.imul(seed ^ 0x7f4a7c15, 0xc2b2ae35) };
    this.#capacity = FEWEST_PLACES;
    this.#arenaBytes = 1 << 16;
    this.kernels = newKernels(PLACES.offsets + this.#layoutBytes(), MOST_MEMORY);
    this.#views = viewsOf(this.kernels.memory);
    this.#lay();
    this.#place(0);
  }

  get size(): number {
    return this.kernels.call.tableSize();
  }

  get bytes(): number {
    return this.size * (BYTES_PER_KEY + this.#recordBytes) + this.#used() * 1.5;
  }

  encode(keys: BytesColumn, rows: number, codes: Int32Array): void {
    if (codes.length < rows) throw new RangeError(`${rows} rows do not fit ${codes.length} codes`);
    this.#encodeAll(keys, rows, (from, count) => codes.set(this.#views.codes.subarray(0, count), from));
  }

  encodeTimes(keys: BytesColumn, rows: number, times: Float64Array | undefined): void {
    this.#encodeAll(keys, rows, (from, count) => {
      if (times === undefined) return;
      // Marks are for words alone.
      new Float64Array(this.kernels.memory.buffer, PLACES.marks, count).set(times.subarray(from, from + count));
      this.kernels.call.addHits(PLACES.codes, PLACES.marks, count);
    });
  }

  /** `encoded` finds the codes of `count` rows at PLACES.codes. */
  #encodeAll({ offsets, bytes }: BytesColumn, rows: number, encoded: (from: number, count: number) => void): void {
    for (let from = 0; from < rows; ) {
      const start = offsets[from]!;
      let to = Math.min(rows, from + BLOCK_ROWS);
      while (to > from && offsets[to]! - start > TEXT_BYTES) to = from + ((to - from) >> 1);
      if (to === from) {
        this.#encodeHuge(bytes.subarray(start, offsets[from + 1]));
        encoded(from++, 1);
        continue;
      }
      const views = this.#views;
      views.text.set(bytes.subarray(start, offsets[to]));
      const { starts } = views;
      for (let row = from; row <= to; row++) starts[row - from] = offsets[row]! - start;
      this.encodePlaced(to - from);
      encoded(from, to - from);
      from = to;
    }
  }

  encodeText(key: string): number {
    const text = this.#text;
    text.clear();
    text.utf8(key);
    this.#oneRange[1] = text.length;
    this.encode({ kind: "bytes", offsets: this.#oneRange, bytes: text.bytes }, 1, this.#oneCode);
    return this.#oneCode[0]!;
  }

  /**
   * Encodes `rows` keys that lie one behind the other, from PLACES.text or `base` on; they begin where PLACES.starts says, which holds the end of
   * the last, too. Codes go to PLACES.codes unless `wantsCodes` is false.
   */
  encodePlaced(rows: number, wantsCodes = true, base: number = PLACES.text): void {
    const { call } = this.kernels;
    for (let done = 0; ; ) {
      done += call.encodeKeys(base, PLACES.starts + 4 * done, rows - done, wantsCodes ? PLACES.codes + 4 * done : 0);
      if (done === rows) return;
      const { starts } = this.#views;
      this.#makeRoom(starts[Math.min(rows, done + MOST_BATCH)]! - starts[done]!);
    }
  }

  /** Counts the words that are marked in the first `length` bytes of the text. */
  countWords(length: number): void {
    const { call } = this.kernels;
    for (let done = 0; ; ) {
      done = call.countWords(PLACES.text, PLACES.marks, done, length);
      if (done === length) return;
      this.#makeRoom(length - done);
    }
  }

  /** Where keys may be written for `encodePlaced`; until the next call of any other method. */
  views(): Views {
    return this.#views;
  }

  /** What `encodePlaced` wrote to PLACES.codes. */
  codes(rows: number): Int32Array {
    return this.#views.codes.subarray(0, rows);
  }

  keys(): BytesColumn {
    const size = this.size;
    const { memory } = this.kernels;
    const offsets = new Int32Array(memory.buffer, PLACES.offsets, size + 1);
    return { kind: "bytes", offsets, bytes: memory.subarray(this.#arenaAt, this.#arenaAt + offsets[size]!) };
  }

  get recordBytes(): number {
    return this.#recordBytes;
  }

  /** Where the records are; until the next call that may add keys. */
  records(): RecordRoom {
    const stride = entryBytes(this.#recordBytes);
    // Marks are for words alone.
    return { kernels: this.kernels, records: this.#entriesAt + stride + ENTRY_HEAD, stride, scratch: PLACES.marks };
  }

  /** Sorted by a kernel, whose tables take the place of the index, and of entries without records. */
  inOrder(): Iterable<OrderedKeys> {
    if (this.size === 0) return [];
    const free = this.#recordBytes === 0 ? this.#entriesAt : this.#entriesAt + (this.size + 1) * entryBytes(this.#recordBytes);
    const order = KernelOrder.of(this.kernels, { offsets: PLACES.offsets, bytes: this.#arenaAt, free }, this.size, MOST_MEMORY);
    this.#views = viewsOf(this.kernels.memory);
    return order?.chunks() ?? keysInOrder(this.keys(), this.size);
  }

  /** How often each key was encoded since it came, by code. */
  hits(): Float64Array {
    const size = this.size;
    const hits = new Float64Array(size);
    const { call, memory } = this.kernels;
    // Marks are for words alone.
    const most = TEXT_BYTES / 64;
    for (let from = 0; from < size; from += most) {
      const count = Math.min(most, size - from);
      call.readHits(from, count, PLACES.marks);
      hits.set(new Float64Array(memory.buffer, PLACES.marks, count), from);
    }
    return hits;
  }

  clear(): void {
    if (this.size > 0) this.#place(0);
  }

  /** Forgets all keys and lays the table out for few, closer together: it grows again as they come. */
  reset(recordBytes = 0): void {
    this.#recordBytes = recordBytes;
    this.kernels.grow(PLACES.offsets + layoutBytes(FEWEST_PLACES, this.#arenaBytes, recordBytes));
    this.#views = viewsOf(this.kernels.memory);
    this.#capacity = FEWEST_PLACES;
    this.#lay();
    this.#place(0);
  }

  #used(): number {
    return new Int32Array(this.kernels.memory.buffer, PLACES.offsets, this.size + 1)[this.size]!;
  }

  /** A key that does not fit the text is put where it will stay: at the end of the arena. */
  #encodeHuge(key: Uint8Array): void {
    this.#makeRoom(key.length + SLACK);
    const { starts } = this.#views;
    const used = this.#used();
    this.kernels.memory.set(key, this.#arenaAt + used);
    starts[0] = 0;
    starts[1] = key.length;
    this.encodePlaced(1, true, this.#arenaAt + used);
  }

  /** Room for one more batch, of so many bytes. */
  #makeRoom(keyBytes: number): void {
    const size = this.size;
    const used = this.#used();
    if (size + MOST_BATCH > mostKeys(this.#capacity)) this.#capacity *= this.#capacity < MANY_PLACES ? 2 : 4;
    while (this.#arenaBytes < used + keyBytes) this.#arenaBytes *= 2;
    const needed = PLACES.offsets + this.#layoutBytes();
    if (used + keyBytes > MOST_KEY_BYTES || needed > MOST_MEMORY) {
      throw new RangeError(`A key table holds at most ${MOST_KEY_BYTES} bytes of distinct keys; lower the memory budget so that it spills earlier`);
    }
    const arenaAt = this.#arenaAt;
    const entriesAt = this.#entriesAt;
    this.kernels.grow(needed);
    this.#views = viewsOf(this.kernels.memory);
    this.#lay();
    // Both move up, or stay: what lies higher goes first.
    this.kernels.memory.copyWithin(this.#entriesAt, entriesAt, entriesAt + (size + 1) * entryBytes(this.#recordBytes));
    this.kernels.memory.copyWithin(this.#arenaAt, arenaAt, arenaAt + used);
    this.#place(size);
  }

  /** Lays out the parts that grow. */
  #lay(): void {
    this.#arenaAt = PLACES.offsets + offsetBytes(this.#capacity);
    this.#entriesAt = this.#arenaAt + align(this.#arenaBytes + SLACK);
    this.#end = PLACES.offsets + this.#layoutBytes();
  }

  #layoutBytes(): number {
    return layoutBytes(this.#capacity, this.#arenaBytes, this.#recordBytes);
  }

  /** Makes a new index of the first `keys` entries. */
  #place(keys: number): void {
    const { memory, call } = this.kernels;
    const index = this.#end - 4 * this.#capacity;
    const size = entryBytes(this.#recordBytes);
    memory.fill(0, this.#entriesAt, this.#entriesAt + size);
    memory.fill(0, index, this.#end);
    call.placeTable(index, this.#capacity, this.#entriesAt, size, this.#recordBytes > 0, keys, mostKeys(this.#capacity), PLACES.offsets, this.#arenaAt, this.#arenaBytes, this.#seed.high, this.#seed.low);
  }
}

/** Views of the parts of fixed size; made anew when the memory grows. */
interface Views {
  /** With SLACK to spare. */
  readonly text: Buffer;
  /** BLOCK_ROWS + 1 numbers. */
  readonly starts: Int32Array;
  /** 2 * BLOCK_ROWS numbers. */
  readonly late: Int32Array;
  readonly codes: Int32Array;
}

function viewsOf({ buffer }: Uint8Array): Views {
  return {
    text: Buffer.from(buffer, PLACES.text, TEXT_BYTES + SLACK),
    starts: new Int32Array(buffer, PLACES.starts, BLOCK_ROWS + 1),
    late: new Int32Array(buffer, PLACES.late, 2 * BLOCK_ROWS),
    codes: new Int32Array(buffer, PLACES.codes, BLOCK_ROWS),
  };
}

function places() {
  let at = STATICS;
  const take = (bytes: number): number => {
    const place = at;
    at += align(bytes);
    return place;
  };
  return {
    text: take(TEXT_BYTES + SLACK),
    marks: take(TEXT_BYTES / 8 + SLACK),
    starts: take(4 * (BLOCK_ROWS + 1)),
    late: take(8 * BLOCK_ROWS),
    codes: take(4 * BLOCK_ROWS),
    wordCharacters: take(1 << 13),
    offsets: at,
  };
}

function mostKeys(capacity: number): number {
  return Math.floor(capacity * LOAD);
}

function offsetBytes(capacity: number): number {
  return align(4 * (mostKeys(capacity) + 1));
}

function layoutBytes(capacity: number, arenaBytes: number, recordBytes: number): number {
  return offsetBytes(capacity) + align(arenaBytes + SLACK) + align((mostKeys(capacity) + 1) * entryBytes(recordBytes)) + 4 * capacity;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}
