import { ByteSink } from "../byte-sink.js";

/** Bytes replaced before it is worth packing the rest. */
const LEAST_WASTE = 64 << 10;

/** One encoded cell for each of many groups, in one run of bytes, which is packed when half of it has been replaced. */
export class KeptCells {
  #starts = new Int32Array(0);
  /** 0 where a group has no cell yet, else its length + 1. */
  #tags = new Int32Array(0);
  #run = new ByteSink();
  #groups = 0;
  #used = 0;

  get memory(): number {
    return 8 * this.#groups + this.#run.length;
  }

  /** The bytes that hold the cells; valid until the next `keep`. */
  get bytes(): Uint8Array {
    return this.#run.bytes;
  }

  has(group: number): boolean {
    return this.#tags[group]! > 0;
  }

  start(group: number): number {
    return this.#starts[group]!;
  }

  end(group: number): number {
    return this.#starts[group]! + this.#tags[group]! - 1;
  }

  grow(groups: number): void {
    if (groups <= this.#groups) return;
    if (groups > this.#tags.length) {
      const length = Math.max(groups, 2 * this.#tags.length, 64);
      this.#starts = longer(this.#starts, length);
      this.#tags = longer(this.#tags, length);
    }
    this.#groups = groups;
  }

  /** Makes bytes[start..end) the cell of a group, in place of the one it had. */
  keep(group: number, bytes: Uint8Array, start: number, end: number): void {
    this.#used += end - start - Math.max(0, this.#tags[group]! - 1);
    this.#starts[group] = this.#run.length;
    this.#tags[group] = end - start + 1;
    this.#run.copy(bytes, start, end);
    if (this.#run.length > 2 * this.#used + LEAST_WASTE) this.#pack();
  }

  clear(): void {
    this.#tags.fill(0, 0, this.#groups);
    this.#groups = 0;
    this.#run.clear();
    this.#used = 0;
  }

  #pack(): void {
    const packed = new ByteSink(2 * this.#used);
    for (let group = 0; group < this.#groups; group++) {
      if (!this.has(group)) continue;
      const start = packed.length;
      packed.copy(this.#run.bytes, this.start(group), this.end(group));
      this.#starts[group] = start;
    }
    this.#run = packed;
  }
}

function longer(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(array);
  return grown;
}
