import type { RecordColumns } from "../job/record-batch.js";

/**
 * A record reader walks the records of one split. `advance` loads a chunk (about 120 KiB) and may wait for
 * I/O; `next` steps through it without waiting, so the loop over records awaits nothing:
 *
 *     while (await reader.advance()) while (reader.next()) map(reader.record);
 *
 * or, for a batch map, `while (await reader.advance()) map(reader.columns());`.
 *
 * `next` throws BadRecordError for a record that cannot be read; the following call goes on behind it.
 * Damage to the whole input throws TaskFailure (`bad-input`, `input-changed`).
 */
export interface RecordReader<R> {
  advance(): Promise<boolean>;
  next(): boolean;
  /** The current record. */
  readonly record: R;
  /** Byte offset of the current record in the (decompressed) file. */
  readonly offset: number;
  /** Bytes of the split consumed so far, for progress. */
  readonly bytesRead: number;
  /** Blank lines and the like that were passed over. */
  readonly skipped: number;
  /** The current record as text, for error messages and quarantine. */
  raw(): string;
  /** The loaded chunk as columns, instead of stepping through it. */
  columns(): RecordColumns<R>;
  close(): void;
}
