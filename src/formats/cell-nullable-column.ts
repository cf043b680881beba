import type { Kernels } from "../columnar/kernels/wasm.js";
import type { CellValues } from "./cell-columns.js";
import type { KernelColumn, KernelPlace } from "./cell-kernel-columns.js";
import type { KernelCell } from "./cell-kernel.js";

const RETURN = 13;
const NO_BYTES: Buffer = Buffer.alloc(0);

/** A column in kernel memory whose empty cells are null. Kernels of numbers stop at an empty cell, and go on behind it. */
export class NullableColumn implements KernelColumn {
  readonly end: number;
  readonly order: number;
  readonly #present: KernelColumn;
  readonly #isText: boolean;
  readonly #nulls: Uint8Array;
  /** From the byte before the first record on. */
  readonly #separators: Int32Array;
  readonly #memory: Uint8Array;
  readonly #place: KernelPlace;
  readonly #position: number;

  /** `present` holds the values of `most` rows. */
  constructor(present: KernelColumn, { type, position }: KernelCell, kernels: Kernels, place: KernelPlace, most: number) {
    this.#present = present;
    this.#isText = type.kind === "utf8";
    this.#nulls = new Uint8Array(most);
    this.#memory = kernels.memory;
    this.#separators = new Int32Array(kernels.memory.buffer, place.found - 4);
    this.#place = place;
    this.#position = position;
    this.end = present.end;
    this.order = present.order;
  }

  extend(row: number, rows: number): number {
    this.#nulls.fill(0, row, row + rows);
    let done = 0;
    for (;;) {
      const from = done;
      done += this.#present.extend(row + done, rows - done, done);
      if (this.#isText) {
        for (let at = from; at < done; at++) if (this.#isNull(at)) this.#nulls[row + at] = 1;
        return done;
      }
      if (done === rows || !this.#isNull(done)) return done;
      this.#nulls[row + done++] = 1;
    }
  }

  put(row: number, bytes: Buffer, start: number, end: number): void {
    this.#present.put(row, bytes, start, end);
    this.#nulls[row] = 0;
  }

  putNull(row: number): void {
    if (this.#isText) this.#present.put(row, NO_BYTES, 0, 0);
    this.#nulls[row] = 1;
  }

  take(rows: number): CellValues {
    const nulls = this.#nulls;
    const present = this.#present.take(rows);
    if ("get" in present) return { length: rows, get: (row) => (nulls[row] === 1 ? null : present.get(row)) };
    return { length: rows, get: (row) => (nulls[row] === 1 ? null : present[row]) };
  }

  /** Whether the cell of a record at hand is null. */
  #isNull(record: number): boolean {
    const { width, base, opening } = this.#place;
    const at = record * width + this.#position;
    const before = this.#separators[at]!;
    const behind = this.#separators[at + 1]!;
    const start = before < 0 ? ~before : before;
    let length = (behind < 0 ? ~behind : behind) - start - 1;
    if (length === 1 && behind < 0 && this.#memory[base + start + 1] === RETURN) length = 0;
    return length === 0 && (opening === undefined || this.#memory[base + start] !== opening);
  }
}
