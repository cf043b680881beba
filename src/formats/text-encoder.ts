import type { ByteSink } from "../columnar/byte-sink.js";
import { showValue } from "../model/show-value.js";
import type { RowEncoder } from "./row-encoder.js";

/** Lines: each row is a string, and `\n` ends it. */
export class TextEncoding implements RowEncoder {
  readonly extension = "txt";

  begin(_out: ByteSink): void {}

  encode(row: unknown, out: ByteSink): void {
    if (typeof row !== "string") throw new TypeError(`a row of text() must be a string, got ${showValue(row)}: emit a string, or use jsonl() for other values`);
    if (row.includes("\n")) throw new TypeError(`a row of text() is one line and must hold no newline, got ${showValue(row)}: emit each line by itself, or use jsonl()`);
    out.utf8(row);
    out.byte(10);
  }

  end(_out: ByteSink): void {}
}
