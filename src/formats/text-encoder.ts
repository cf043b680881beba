import type { ByteSink } from "../columnar/byte-sink.js";
import { columnTexts } from "../columnar/column-texts.js";
import type { BytesColumn } from "../columnar/columns.js";
import { hasKernels } from "../columnar/kernels/wasm.js";
import { appendTexts, MOST_UNITS } from "../columnar/text-kernel.js";
import { showValue } from "../model/show-value.js";
import { joinLines } from "./join-lines.js";
import type { RowEncoder } from "./row-encoder.js";

/** Units of rows that are held back: what they become stays in the cache. */
const HELD_UNITS = 1 << 15;

/** Lines: each row is a string, and `\n` ends it. Rows are chained to one string, which a kernel encodes. */
export class TextEncoding implements RowEncoder {
  readonly extension = "txt";
  readonly columnType = "utf8";
  #held = "";

  begin(_out: ByteSink): void {}

  encode(row: unknown, out: ByteSink): void {
    if (typeof row !== "string") throw new TypeError(`a row of text() must be a string, got ${showValue(row)}: emit a string, or use jsonl() for other values`);
    if (row.includes("\n")) throw moreThanALine(row);
    if (!hasKernels || row.length > MOST_UNITS - HELD_UNITS - 1) {
      this.end(out);
      out.utf8(row);
      out.byte(10);
      return;
    }
    this.#held += row;
    this.#held += "\n";
    if (this.#held.length >= HELD_UNITS) this.end(out);
  }

  encodeColumn(column: BytesColumn, rows: number, write: (bytes: Uint8Array) => void): void {
    const joined = joinLines(column, rows);
    if (joined === undefined) throw moreThanALine(firstWithNewline(column, rows));
    write(joined);
  }

  end(out: ByteSink): void {
    if (this.#held !== "") appendTexts(this.#held, Int32Array.of(this.#held.length), 1, out);
    this.#held = "";
  }
}

function firstWithNewline(column: BytesColumn, rows: number): string {
  const textAt = columnTexts(column, rows);
  let row = 0;
  while (!textAt(row).includes("\n")) row++;
  return textAt(row);
}

function moreThanALine(row: string): TypeError {
  return new TypeError(`a row of text() is one line and must hold no newline, got ${showValue(row)}: emit each line by itself, or use jsonl()`);
}
