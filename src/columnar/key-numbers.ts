import type { BytesColumn } from "./columns.js";

/** Some keys one behind the other, and their codes. */
export interface OrderedKeys {
  readonly keys: BytesColumn;
  readonly codes: Int32Array;
}

/** Numbers distinct keys 0, 1, 2... in the order in which they first come: a KernelKeyTable, or its plain twin KeyTable. */
export interface KeyNumbers {
  /** How many distinct keys have come. */
  readonly size: number;
  /** Rough memory that the keys take, by which callers spill; 0 once cleared, though the memory is kept for the next keys. */
  readonly bytes: number;
  /** Writes the code of each row's key to `codes`, adding keys that are new. */
  encode(keys: BytesColumn, rows: number, codes: Int32Array): void;
  /** The code of a key given as text, which is its UTF-8. */
  encodeText(key: string): number;
  /** The keys by code. Valid until the next call of any other method. */
  keys(): BytesColumn;
  /** As `keysInOrder` (ordered-keys.ts) of all keys, where that can cost less. Each lot is valid until the next is asked for. It takes the table's memory: no method but `clear` may be called from then on. */
  inOrder?(): Iterable<OrderedKeys>;
  /** How often each key was encoded since it came, by code, where that is counted. */
  hits?(): Float64Array;
  /** Encodes keys that count as so many hits each, one if undefined: whole numbers, whose sum stays below 2^53. */
  encodeTimes?(keys: BytesColumn, rows: number, times: Float64Array | undefined): void;
  /** Forgets all keys. Keeps the memory. */
  clear(): void;
}
