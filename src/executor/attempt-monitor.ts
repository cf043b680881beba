/**
 * What a running attempt and the executor's main thread share: counts of progress, which the main thread can
 * read while user code keeps the attempt's thread busy, a request to stop, and how a plain map ended: a message for each
 * short task would cost more than all else that the main thread does for it.
 */
import { TaskFailure } from "../errors.js";
import type { AttemptStats, TaskResult } from "../model/task.js";

const RECORDS = 0;
const BYTES = 1;
const STEPS = 2;
const STOP = 3;
const ENDED = 4;
const ROWS = 5;
const OUTPUT_BYTES = 6;
const MILLIS = 7;
const CELLS = 8;
/** Values of ENDED. */
const BY_MESSAGE = 1;
const AS_NOTED = 2;

export interface Outcome {
  readonly result: TaskResult;
  readonly stats: AttemptStats;
}

/** The monitors of attempts that a thread takes together lie in one piece of memory, for one for each would take longer than a short attempt's messages. */
export class MonitorPage {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Float64Array;
  readonly #integers: Int32Array;

  static of(monitors: number): MonitorPage {
    return new MonitorPage(new SharedArrayBuffer(monitors * CELLS * Float64Array.BYTES_PER_ELEMENT));
  }

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#cells = new Float64Array(memory);
    this.#integers = new Int32Array(memory);
  }

  monitor(index: number): AttemptMonitor {
    return new AttemptMonitor(this.#cells, this.#integers, index);
  }
}

export class AttemptMonitor {
  readonly #cells: Float64Array;
  /** The same memory. */
  readonly #integers: Int32Array;
  /** Where its cells begin. */
  readonly #at: number;
  /** An integer, for what was written before it is to be seen before it. */
  readonly #endedAt: number;
  /** Bytes of the splits before the one that is read. */
  #before = 0;

  /** Made by its page. */
  constructor(cells: Float64Array, integers: Int32Array, index: number) {
    this.#cells = cells;
    this.#integers = integers;
    this.#at = index * CELLS;
    this.#endedAt = 2 * (this.#at + ENDED);
  }

  get records(): number {
    return this.#cells[this.#at + RECORDS]!;
  }
  set records(count: number) {
    this.#cells[this.#at + RECORDS] = count;
  }

  get bytes(): number {
    return this.#cells[this.#at + BYTES]!;
  }
  set bytes(count: number) {
    this.#cells[this.#at + BYTES] = count;
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
    this.#cells[this.#at + STEPS]!++;
  }
  get steps(): number {
    return this.#cells[this.#at + STEPS]!;
  }

  /** Changes whenever the attempt gets on. */
  get pulse(): number {
    return this.records + this.bytes + this.steps;
  }

  /** Its thread is done with it. */
  get ended(): boolean {
    return Atomics.load(this.#integers, this.#endedAt) !== 0;
  }

  /** Its thread is done with it, and says so by a message. */
  end(): void {
    Atomics.store(this.#integers, this.#endedAt, BY_MESSAGE);
  }

  /** Ends the attempt with an outcome that can be noted here; false when there is more to say of it. */
  note({ result, stats }: Outcome): boolean {
    const { records, bytesRead, badRecords, spills, counters, millis, quarantine } = stats;
    const isPlain = badRecords === 0 && spills === 0 && quarantine === undefined && Object.keys(counters).length === 0;
    if (!isPlain || result.type !== "map" || result.output.kind !== "map-output") return false;
    this.records = records;
    this.bytes = bytesRead;
    this.#cells[this.#at + ROWS] = result.output.rows;
    this.#cells[this.#at + OUTPUT_BYTES] = result.output.bytes;
    this.#cells[this.#at + MILLIS] = millis;
    Atomics.store(this.#integers, this.#endedAt, AS_NOTED);
    return true;
  }

  /** What was noted. */
  get outcome(): Outcome | undefined {
    if (Atomics.load(this.#integers, this.#endedAt) !== AS_NOTED) return undefined;
    return {
      result: { type: "map", output: { kind: "map-output", rows: this.#cells[this.#at + ROWS]!, bytes: this.#cells[this.#at + OUTPUT_BYTES]! } },
      stats: { records: this.records, bytesRead: this.bytes, badRecords: 0, counters: {}, millis: this.#cells[this.#at + MILLIS]!, spills: 0 },
    };
  }

  get stopRequested(): boolean {
    return this.#cells[this.#at + STOP] === 1;
  }
  requestStop(): void {
    this.#cells[this.#at + STOP] = 1;
  }
}
