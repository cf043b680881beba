import { lastWholeRead, orderedHead, viewOf } from "./key-words.js";
import type { Kernels } from "./wasm.js";

const TABLE_BITS = 12;
const TABLE_BYTES = 4 * ((1 << TABLE_BITS) + 2);
const SLACK = 16;

/** Partitions of keys by ascending splitters, in the memory of kernels; `rangePartition` is its plain twin. */
export class RangeKernel {
  readonly #kernels: Kernels;
  readonly #prefixes: number;
  readonly #places: number;
  readonly #table: number;

  static bytesFor(splitters: readonly Uint8Array[]): number {
    return TABLE_BYTES + splitters.reduce((sum, splitter) => sum + 16 + splitter.length, 0) + SLACK;
  }

  /** Lays its tables, `bytesFor(splitters)` long, at an address that is a multiple of 8. */
  constructor(kernels: Kernels, at: number, splitters: readonly Uint8Array[]) {
    this.#kernels = kernels;
    this.#prefixes = at;
    this.#places = at + 8 * splitters.length;
    this.#table = this.#places + 8 * splitters.length;
    const { memory } = kernels;
    const view = viewOf(memory);
    const counts = new Int32Array(memory.buffer, this.#table, (1 << TABLE_BITS) + 1).fill(0);
    let next = this.#table + TABLE_BYTES;
    splitters.forEach((splitter, i) => {
      const head = Buffer.alloc(8);
      head.set(splitter.subarray(0, 8));
      view.setBigUint64(this.#prefixes + 8 * i, head.readBigUInt64BE(), true);
      view.setUint32(this.#places + 8 * i, next, true);
      view.setUint32(this.#places + 8 * i + 4, next + splitter.length, true);
      memory.set(splitter, next);
      next += splitter.length;
      counts[((orderedHead(viewOf(splitter), lastWholeRead(viewOf(splitter)), 0, splitter.length) ^ 0x80000000) >>> (32 - TABLE_BITS)) + 1]!++;
    });
    for (let bucket = 1; bucket < counts.length; bucket++) counts[bucket]! += counts[bucket - 1]!;
  }

  /** Offsets (i32), bytes and codes (i32) are addresses. */
  codes(offsets: number, bytes: number, rows: number, codes: number): void {
    this.#kernels.call.rangeCodes(offsets, bytes, rows, this.#prefixes, this.#places, this.#table, codes);
  }
}
