/**
 * A text column whose cells become codes into a dictionary as they are read, in the kernel: what a group-by wants
 * of its key. It is the last column to be filled or put, so that each of its texts is that of some row. Once the dictionary
 * is given up, cells are copied.
 */
import type { Kernels } from "../columnar/kernels/wasm.js";
import type { CellValues } from "./cell-columns.js";
import type { KernelColumn, KernelPlace } from "./cell-kernel-columns.js";
import type { KeyDictionary } from "./key-dictionary.js";

export class KeyColumn implements KernelColumn {
  readonly order = 2;
  readonly #kernels: Kernels;
  readonly #place: KernelPlace;
  readonly #position: number;
  readonly #plain: KernelColumn;
  readonly #dictionary: KeyDictionary;

  /** `plain` copies cells. */
  constructor(kernels: Kernels, place: KernelPlace, position: number, dictionary: KeyDictionary, plain: KernelColumn) {
    this.#kernels = kernels;
    this.#place = place;
    this.#position = position;
    this.#dictionary = dictionary;
    this.#plain = plain;
  }

  get end(): number {
    return this.#dictionary.end;
  }

  begin(): void {
    this.#dictionary.begin();
  }

  extend(row: number, rows: number): number {
    const dictionary = this.#dictionary;
    if (dictionary.isGivenUp) return this.#plain.extend(row, rows);
    const { base, found, width, quote, escape } = this.#place;
    return dictionary.encode(rows, (done) =>
      this.#kernels.call.encodeTexts(base, found + 4 * width * done, rows - done, width, this.#position, quote, escape, dictionary.scratch, dictionary.codes.byteOffset + 4 * (row + done)),
    );
  }

  put(row: number, bytes: Buffer, start: number, end: number): void {
    if (this.#dictionary.isGivenUp) this.#plain.put(row, bytes, start, end);
    else this.#dictionary.put(row, bytes.subarray(start, end));
  }

  putNull(): void {
    throw new TypeError("null in a column that cannot hold it");
  }

  take(rows: number): CellValues {
    return this.#dictionary.isGivenUp ? this.#plain.take(rows) : this.#dictionary.take(rows);
  }
}
