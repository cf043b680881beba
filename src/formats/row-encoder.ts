import type { ByteSink } from "../columnar/byte-sink.js";

/** Turns rows into the bytes of one part file. Throws an Error that says what is wrong with a row that does not fit. */
export interface RowEncoder<W = unknown> {
  /** File name extension without a dot. */
  readonly extension: string;
  /** What stands before the first row. */
  begin(out: ByteSink): void;
  /** May hold rows back until a batch is full. */
  encode(row: W, out: ByteSink): void;
  /** Rows held back, and what stands after the last one. */
  end(out: ByteSink): void;
}
