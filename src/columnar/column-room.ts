/**
 * Where columns that are made one batch after another lie. Without a room each batch gets arrays of its own, which the
 * collector gives back late: it counts the small objects and not the memory behind them, and a thread that makes
 * a megabyte of columns at a time holds 60 MB of dead ones. A room gives the same memory again and again.
 */
export interface ColumnRoom {
  int32(length: number): Int32Array;
  float64(length: number): Float64Array;
  int64(length: number): BigInt64Array;
  bytes(length: number): Uint8Array;
}

/** Arrays that are the batch's own. */
export const OWN_ROOM: ColumnRoom = {
  int32: (length) => new Int32Array(length),
  float64: (length) => new Float64Array(length),
  int64: (length) => new BigInt64Array(length),
  bytes: (length) => new Uint8Array(length),
};

/** Arrays that hold until `reset`, and whose content is left over from former batches. */
export class ReusedRoom implements ColumnRoom {
  readonly #buffers: ArrayBuffer[] = [];
  #taken = 0;

  /** What was given is given up. */
  reset(): this {
    this.#taken = 0;
    return this;
  }

  int32(length: number): Int32Array {
    return new Int32Array(this.#take(4 * length), 0, length);
  }
  float64(length: number): Float64Array {
    return new Float64Array(this.#take(8 * length), 0, length);
  }
  int64(length: number): BigInt64Array {
    return new BigInt64Array(this.#take(8 * length), 0, length);
  }
  bytes(length: number): Uint8Array {
    return new Uint8Array(this.#take(length), 0, length);
  }

  /** Batches ask for like columns in like order, so each buffer soon has the size for its column. */
  #take(bytes: number): ArrayBuffer {
    const index = this.#taken++;
    const kept = this.#buffers[index];
    if (kept !== undefined && kept.byteLength >= bytes) return kept;
    return (this.#buffers[index] = new ArrayBuffer(Math.max(64, Math.ceil(bytes * 1.25))));
  }
}
