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
const MONITOR_BYTES = CELLS * Float64Array.BYTES_PER_ELEMENT;
/** Monitors that share a piece of memory: to make and to pass on one for each short attempt would take longer than the attempt's own messages. */
const MONITORS_IN_PAGE = 64;

/** Values of ENDED. */
const BY_MESSAGE = 1;
const AS_NOTED = 2;

export interface Outcome {
  readonly result: TaskResult;
  readonly stats: AttemptStats;
}

/** Where a monitor lies, which is what a thread is told of it. */
export interface MonitorPlace {
  readonly page: SharedArrayBuffer;
  readonly at: number;
}

/** Gives out monitors. A page lives as long as one of its monitors. */
export class MonitorPages {
  #page = new SharedArrayBuffer(0);
  #used = 0;

  next(): AttemptMonitor {
    if (this.#used === this.#page.byteLength) {
      this.#page = new SharedArrayBuffer(MONITORS_IN_PAGE * MONITOR_BYTES);
      this.#used = 0;
    }
    const place = { page: this.#page, at: this.#used };
    this.#used += MONITOR_BYTES;
    return new AttemptMonitor(place);
  }
}

export class AttemptMonitor {
  readonly place: MonitorPlace;
  readonly #cells: Float64Array;
  /** Bytes of the splits before the one that is read. */
  #before = 0;
  /** An integer, for what was written before it is to be seen before it. */
  readonly #ended: Int32Array;

  constructor(place: MonitorPlace) {
    const { page, at } = place;
    this.place = place;
    this.#cells = new Float64Array(page, at, CELLS);
    this.#ended = new Int32Array(page, at + ENDED * Float64Array.BYTES_PER_ELEMENT, 1);
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
    return Atomics.load(this.#ended, 0) !== 0;
  }

  /** Its thread is done with it, and says so by a message. */
  end(): void {
    Atomics.store(this.#ended, 0, BY_MESSAGE);
  }

  /** Ends the attempt with an outcome that can be noted here; false when there is more to say of it. */
  note({ result, stats }: Outcome): boolean {
    const { records, bytesRead, badRecords, spills, counters, millis, quarantine } = stats;
    const isPlain = badRecords === 0 && spills === 0 && quarantine === undefined && Object.keys(counters).length === 0;
    if (!isPlain || result.type !== "map" || result.output.kind !== "map-output") return false;
    this.records = records;
    this.bytes = bytesRead;
    this.#cells[ROWS] = result.output.rows;
    this.#cells[OUTPUT_BYTES] = result.output.bytes;
    this.#cells[MILLIS] = millis;
    Atomics.store(this.#ended, 0, AS_NOTED);
    return true;
  }

  /** What was noted. */
  get outcome(): Outcome | undefined {
    if (Atomics.load(this.#ended, 0) !== AS_NOTED) return undefined;
    return {
      result: { type: "map", output: { kind: "map-output", rows: this.#cells[ROWS]!, bytes: this.#cells[OUTPUT_BYTES]! } },
      stats: { records: this.records, bytesRead: this.bytes, badRecords: 0, counters: {}, millis: this.#cells[MILLIS]!, spills: 0 },
    };
  }

  get stopRequested(): boolean {
    return this.#cells[STOP] === 1;
  }
  requestStop(): void {
    this.#cells[STOP] = 1;
  }
}
