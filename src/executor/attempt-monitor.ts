/**
 * What a running attempt and the executor's main thread share: counts of progress, which the main thread can
 * read while user code keeps the attempt's thread busy, and a request to stop.
 */
import { TaskFailure } from "../errors.js";

const RECORDS = 0;
const BYTES = 1;
const STEPS = 2;
const STOP = 3;
const ENDED = 4;

export class AttemptMonitor {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Float64Array;
  /** Bytes of the splits before the one that is read. */
  #before = 0;

  constructor(buffer = new SharedArrayBuffer(5 * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#cells = new Float64Array(buffer);
  }

  get records(): number {
    return this.#cells[RECORDS]!;
  }
  set records(count: number) {
    this.#cells[RECORDS] = count;
  }

  get bytes(): number {
    return this.#cells[BYTES]!;
  }
  set bytes(count: number) {
    this.#cells[BYTES] = count;
  }

  /** What was read of a split so far. Between its chunks an attempt that is to stop can do so at the least cost: it fails, and its thread lives on. */
  readTo(bytes: number): void {
    this.bytes = this.#before + bytes;
    if (this.stopRequested) throw new TaskFailure({ kind: "cancelled", message: "The attempt was stopped" });
  }

  /** A split was read to its end, which is so many bytes. */
  endSplit(bytes: number): void {
    this.#before += bytes;
    this.bytes = this.#before;
  }

  /** Work that is neither record nor input byte (a batch flushed, a block merged) is progress as well. */
  step(): void {
    this.#cells[STEPS]!++;
  }

  /** Changes whenever the attempt gets on. */
  get pulse(): number {
    return this.#cells[RECORDS]! + this.#cells[BYTES]! + this.#cells[STEPS]!;
  }

  /** Its thread is done with it. */
  get ended(): boolean {
    return this.#cells[ENDED] === 1;
  }
  end(): void {
    this.#cells[ENDED] = 1;
  }

  get stopRequested(): boolean {
    return this.#cells[STOP] === 1;
  }
  requestStop(): void {
    this.#cells[STOP] = 1;
  }
}
