import type { BytesColumn, ResultColumn } from "../columnar/columns.js";
import type { ByteSink } from "../columnar/byte-sink.js";

/** Turns rows into the bytes of one part file. Throws an Error that says what is wrong with a row that does not fit. */
export interface RowEncoder<W = unknown> {
  /** File name extension without a dot. */
  readonly extension: string;
  /** What stands before the first row. */
  begin(out: ByteSink): void;
  /** May hold rows back until a batch is full. */
  encode(row: W, out: ByteSink): void;
  /** What rows of `encodeColumn` are; absent where the encoder takes rows one by one. */
  readonly columnType?: "utf8" | "binary";
  /** The same as `encode` for rows that lie in a column of bytes; `write` may not keep what it is given. */
  encodeColumn?(column: BytesColumn, rows: number, write: (bytes: Uint8Array) => void): void;
  /** The same as `encode` of rows whose columns, in the order of the schema, are these. Absent where the format takes rows one by one, or has no schema. */
  readonly encodeColumns?: (columns: readonly ResultColumn[], rows: number, out: ByteSink) => void;
  /** Rows held back, and what stands after the last one. */
  end(out: ByteSink): void;
}
