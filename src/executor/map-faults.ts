/**
 * What to do with an error of the map loop: a record that cannot be read, or that the user's map throws on,
 * is a bad record and goes by the job's policy; everything else ends the attempt.
 */
import { BadRecordError, TaskFailure } from "../errors.js";
import type { RecordReader } from "../formats/record-reader.js";
import type { BadRecordSink } from "./bad-records.js";
import type { AttemptMonitor } from "./attempt-monitor.js";
import type { MapSink } from "./map-sink.js";
import { shortened, userFailure } from "./user-failure.js";

export class MapFaults {
  readonly file: string;
  /** True while the user's map runs, false while a record is read. */
  mapping = false;
  readonly #reader: RecordReader<unknown>;
  readonly #sink: MapSink;
  readonly #bad: BadRecordSink;
  readonly #monitor: AttemptMonitor;

  constructor(file: string, reader: RecordReader<unknown>, sink: MapSink, bad: BadRecordSink, monitor: AttemptMonitor) {
    this.#monitor = monitor;
    this.file = file;
    this.#reader = reader;
    this.#sink = sink;
    this.#bad = bad;
  }

  /** Sets the current record aside, or throws what ends the attempt. */
  take(error: unknown): void {
    if (this.#sink.broken !== undefined) throw this.#sink.broken;
    if (error instanceof TaskFailure) throw error;
    if (this.mapping) {
      this.mapping = false;
      this.takeMapped(error, this.#reader.offset, this.#reader.raw());
    } else if (error instanceof BadRecordError) this.#takeUnread(error);
    else throw error;
  }

  /** The same for a record that map threw on, which need not be the reader's current one any more. */
  takeMapped(error: unknown, offset: number, record: string): void {
    const failure = userFailure("map", error, { file: this.file, offset, record });
    if (!this.#bad.tolerated) throw failure;
    if (!this.#sink.takeBack()) throw failure;
    this.#bad.take({ file: this.file, offset, error: failure.message, record });
  }

  /** The loaded chunk as a whole, without its bad records. */
  readLoaded<T>(read: () => T): T {
    for (;;) {
      try {
        return read();
      } catch (error) {
        this.take(error);
      }
    }
  }

  /** Awaits the map of the current record. */
  async guard(map: () => void | Promise<void>): Promise<void> {
    try {
      await map();
      this.#sink.settle();
      this.mapping = false;
    } catch (error) {
      this.take(error);
    }
  }

  #takeUnread({ message, offset, record }: BadRecordError): void {
    this.#monitor.records++;
    if (!this.#bad.tolerated) throw new TaskFailure({ kind: "bad-record", message, file: this.file, offset, record: shortened(record) });
    this.#bad.take({ file: this.file, offset, error: message, record });
  }
}
