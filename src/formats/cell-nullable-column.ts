import type { Kernels } from "../columnar/kernels/wasm.js";
import { NullableNumbers, NullableTexts } from "../columnar/nullable-columns.js";
import type { Numbers } from "../columnar/made-columns.js";
import type { NumberedColumn } from "../columnar/numbered-column.js";
import type { CellValues } from "./cell-columns.js";
import type { KernelColumn, KernelPlace } from "./cell-kernel-columns.js";
import type { KernelCell } from "./cell-kernel.js";
import { KernelCells } from "./kernel-cells.js";

const NO_BYTES: Buffer = Buffer.alloc(0);

/** A column in kernel memory whose empty cells are null. Kernels of numbers stop at an empty cell, and go on behind it. */
export class NullableColumn implements KernelColumn {
  readonly end: number;
  readonly order: number;
  readonly #present: KernelColumn;
  readonly #isText: boolean;
  readonly #nulls: Uint8Array;
  readonly #cells: KernelCells;
  readonly #opening: number | undefined;

  /** `present` holds the values of `most` rows. */
  constructor(present: KernelColumn, { type, position }: KernelCell, kernels: Kernels, place: KernelPlace, most: number) {
    this.#present = present;
    this.#isText = type.kind === "utf8";
    this.#nulls = new Uint8Array(kernels.memory.buffer, present.end, most);
    this.#cells = new KernelCells(kernels, place, position);
    this.#opening = place.opening;
    this.end = present.end + most;
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
    if ("offsets" in present) return new NullableTexts(present, nulls.subarray(0, rows));
    return new NullableNumbers(present as Numbers | NumberedColumn, nulls.subarray(0, rows));
  }

  /** Whether the cell of a record at hand is null. */
  #isNull(record: number): boolean {
    const cells = this.#cells;
    cells.find(record);
    if (cells.start !== cells.end || (cells.quoted && this.#isText)) return false;
    return this.#opening === undefined || cells.memory[cells.start - 1] !== this.#opening;
  }
}
