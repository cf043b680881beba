/** The keys of a key table in the order of their bytes, some at a time, for whoever writes one row for each. */
import type { BytesColumn } from "./columns.js";
import { gatherBytes } from "./gather.js";
import type { OrderedKeys } from "./key-numbers.js";
import { KernelLayout } from "./kernels/kernel-layout.js";
import { sortKeys } from "./kernels/sort-keys.js";
import { GATHER_SLACK, type Kernels } from "./kernels/wasm.js";

/** So few that what is made of them stays in the cache. */
const ROWS = 1024;
const BYTES = 128 << 10;
/** Bytes that the sort kernel counts in. */
const SORT_COUNTS = 16 << 10;

/** The plain twin of KernelOrder. */
export function* keysInOrder(keys: BytesColumn, rows: number): Generator<OrderedKeys> {
  const order = sortKeys(keys, rows);
  for (let from = 0; from < rows; from += ROWS) {
    const to = Math.min(rows, from + ROWS);
    yield { keys: gatherBytes(keys, order, from, to), codes: order.subarray(from, to) };
  }
}

/** Addresses: of offsets and bytes of the keys by code, and of memory that nothing else uses, which may have to grow. */
export interface KeyPlaces {
  readonly offsets: number;
  readonly bytes: number;
  readonly free: number;
}

/** Sorts by the sort kernel, in the memory where the keys lie. */
export class KernelOrder {
  readonly #kernels: Kernels;
  readonly #keys: KeyPlaces;
  readonly #rows: number;
  readonly #places: number;
  readonly #order: number;
  readonly #offsets: number;
  readonly #bytes: number;

  /** Undefined where there is no room in `most` bytes of memory. */
  static of(kernels: Kernels, keys: KeyPlaces, rows: number, most: number): KernelOrder | undefined {
    return keys.free + 46 * rows + SORT_COUNTS + BYTES + 8 * ROWS + 1024 > most ? undefined : new KernelOrder(kernels, keys, rows);
  }

  private constructor(kernels: Kernels, keys: KeyPlaces, rows: number) {
    const layout = new KernelLayout(keys.free);
    const counts = layout.take(SORT_COUNTS);
    this.#offsets = layout.take(4 * (ROWS + 1));
    this.#bytes = layout.take(BYTES + GATHER_SLACK);
    this.#places = layout.take(8 * rows);
    this.#order = layout.take(4 * rows);
    const entries = layout.take(16 * rows + 16);
    const scratch = layout.take(16 * rows + 64);
    const stack = layout.take(rows + 16);
    kernels.grow(layout.end);
    kernels.call.placeRows(keys.offsets, keys.bytes, rows, this.#places);
    kernels.call.sortRows(this.#places, rows, this.#order, entries, scratch, counts, stack);
    this.#kernels = kernels;
    this.#keys = keys;
    this.#rows = rows;
  }

  *chunks(): Generator<OrderedKeys> {
    const { call, memory } = this.#kernels;
    const order = new Int32Array(memory.buffer, this.#order, this.#rows);
    for (let from = 0; from < this.#rows; ) {
      const most = Math.min(this.#rows, from + ROWS);
      const to = from + call.gatherRows(this.#places, this.#order, from, most, this.#offsets, this.#bytes, this.#bytes + BYTES);
      if (to === from) yield { keys: this.#keyOf(order[from]!), codes: order.subarray(from, ++from) };
      else {
        yield { keys: { kind: "bytes", offsets: new Int32Array(memory.buffer, this.#offsets, to - from + 1), bytes: memory.subarray(this.#bytes, this.#bytes + BYTES) }, codes: order.subarray(from, to) };
        from = to;
      }
    }
  }

  /** One that is too long to be copied, where it lies. */
  #keyOf(code: number): BytesColumn {
    const { memory } = this.#kernels;
    const { offsets, bytes } = this.#keys;
    return { kind: "bytes", offsets: new Int32Array(memory.buffer, offsets + 4 * code, 2), bytes: memory.subarray(bytes) };
  }
}
