import type { ByteSink } from "../columnar/byte-sink.js";
import type { BytesColumn } from "../columnar/columns.js";
import { showValue } from "../model/show-value.js";
import type { RowEncoder } from "./row-encoder.js";

/** Fixed-size binary records, one behind the other. */
export class RecordsEncoding implements RowEncoder {
  readonly extension = "bin";
  readonly columnType = "binary";
  private readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  begin(_out: ByteSink): void {}

  encode(row: unknown, out: ByteSink): void {
    if (!(row instanceof Uint8Array)) throw new TypeError(`a row of records(${this.size}) must be a Uint8Array, got ${showValue(row)}`);
    if (row.length !== this.size) throw this.misfit(row.length);
    out.append(row);
  }

  encodeColumn(column: BytesColumn, rows: number, write: (bytes: Uint8Array) => void): void {
    this.mustFit(column, rows);
    write(column.bytes.subarray(column.offsets[0], column.offsets[rows]));
  }

  end(_out: ByteSink): void {}

  /** By itself, for V8 compiles a function whose loop is hot for the very `write` that it has seen, and starts again at the next. */
  private mustFit({ offsets }: BytesColumn, rows: number): void {
    for (let row = 0; row < rows; row++) {
      const length = offsets[row + 1]! - offsets[row]!;
      if (length !== this.size) throw this.misfit(length);
    }
  }

  private misfit(length: number): TypeError {
    return new TypeError(`a row of records(${this.size}) must have exactly ${this.size} bytes, got ${length}`);
  }
}
