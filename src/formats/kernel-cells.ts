import type { Kernels } from "../columnar/kernels/wasm.js";
import type { KernelPlace } from "./cell-kernel-columns.js";

const RETURN = 13;

/** Where the cells of one column lie in kernel memory, for the few that are looked at outside kernels. */
export class KernelCells {
  /** Bytes of the cell found last. */
  start = 0;
  end = 0;
  /** Whether it stands in quotes, which are no bytes of it. */
  quoted = false;
  readonly memory: Buffer;
  readonly #place: KernelPlace;
  readonly #position: number;
  /** From the byte before the first record on. */
  readonly #separators: Int32Array;

  constructor(kernels: Kernels, place: KernelPlace, position: number) {
    const { buffer } = kernels.memory;
    this.memory = Buffer.from(buffer);
    this.#place = place;
    this.#position = position;
    this.#separators = new Int32Array(buffer, place.found - 4);
  }

  /** Finds the cell of a record at hand. */
  find(record: number): void {
    const { width, base, quote } = this.#place;
    const at = record * width + this.#position;
    this.start = base + this.#separators[at]! + 1;
    this.end = base + this.#separators[at + 1]!;
    if (this.#position === width - 1 && this.end > this.start && this.memory[this.end - 1] === RETURN) this.end--;
    this.quoted = this.end - this.start > 1 && this.memory[this.start] === quote;
    if (!this.quoted) return;
    this.start++;
    this.end--;
  }
}
