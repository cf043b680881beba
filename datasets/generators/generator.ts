/**
 * A generator makes an endless, seeded run of records of one kind. Record `index` depends on the seed and on
 * `index` alone, so any range can be made by itself, on any machine, and ranges join without a seam.
 *
 * Only + - * / and 32-bit integer arithmetic take part, which every machine rounds alike: the same seed gives
 * the same bytes everywhere.
 */
export interface Generator {
  /** What the command line calls it. */
  readonly kind: string;
  readonly description: string;
  /** Usual end of a file name, with the dot. */
  readonly extension: string;
  /** Bytes that stand once before record 0, such as a CSV header. */
  readonly header?: string;
  /** No record is longer. */
  readonly maxRecordBytes: number;
  /** Builds the tables (vocabulary, distributions): 1 to 150 ms. */
  open(seed: number): RecordWriter;
}

export interface RecordWriter {
  /**
   * Writes record `index` with its line end at `out[at]` and returns the place after it.
   * The caller leaves room for `maxRecordBytes`.
   */
  write(index: number, out: Uint8Array, at: number): number;
}
