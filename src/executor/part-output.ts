import { join } from "node:path";
import { ByteSink } from "../columnar/byte-sink.js";
import type { BytesColumn, ResultColumn } from "../columnar/columns.js";
import { openEncoder } from "../formats/open-encoder.js";
import type { RowEncoder } from "../formats/row-encoder.js";
import type { AttemptId } from "../model/ids.js";
import type { OutputSpec } from "../model/job-spec.js";
import type { PartSummary } from "../model/task.js";
import { attemptPartName } from "../storage/layout.js";
import { PartFile } from "../storage/part-file.js";

const FLUSH_BYTES = 64 << 10;

/** One part of the output in the making: rows are encoded and written under the attempt's own name. */
export class PartOutput {
  /** Takes a row. Throws an Error that says what is wrong with one that does not fit the output. */
  readonly write: (row: unknown) => void;
  /** Of rows that `writeColumn` takes; undefined where the encoder takes them one by one. */
  readonly columnType: RowEncoder["columnType"];
  /** Takes rows that lie in a column of bytes. */
  readonly writeColumn: ((column: BytesColumn, rows: number) => void) | undefined;
  /** Takes rows in columns, where the encoder can (see RowEncoder). */
  readonly writeColumns: ((columns: readonly ResultColumn[], rows: number) => void) | undefined;
  /** The file could not be written; the output is lost. */
  failed = false;
  readonly #finish: () => PartSummary;
  readonly #file: PartFile;

  static async open(staging: string, attempt: AttemptId, spec: OutputSpec): Promise<PartOutput> {
    const encoder = await openEncoder(spec);
    return new PartOutput(staging, attempt, encoder);
  }

  private constructor(staging: string, attempt: AttemptId, encoder: Awaited<ReturnType<typeof openEncoder>>) {
    const name = attemptPartName(attempt, encoder.extension);
    const file = PartFile.create(join(staging, name));
    const bytes = new ByteSink();
    let rows = 0;
    const flush = (): void => {
      this.failed = true;
      file.write(bytes.view());
      this.failed = false;
      bytes.clear();
    };
    encoder.begin(bytes);
    this.#file = file;
    const { encodeColumns } = encoder;
    const ended = (count: number): void => {
      rows += count;
      if (bytes.length >= FLUSH_BYTES) flush();
    };
    this.write = (row) => {
      const start = bytes.length;
      try {
        encoder.encode(row, bytes);
      } catch (error) {
        bytes.length = start;
        throw error;
      }
      ended(1);
    };
    const writeThrough = (more: Uint8Array): void => {
      if (bytes.length > 0) flush();
      this.failed = true;
      file.write(more);
      this.failed = false;
    };
    this.columnType = encoder.columnType;
    this.writeColumn = encoder.encodeColumn && ((column, count) => {
      encoder.encodeColumn!(column, count, writeThrough);
      rows += count;
    });
    // What throws here ends the attempt: there is no row to take back.
    this.writeColumns =
      encodeColumns &&
      ((columns, count) => {
        encodeColumns(columns, count, bytes);
        ended(count);
      });
    this.#finish = () => {
      encoder.end(bytes);
      flush();
      return { kind: "part", file: name, rows, ...file.finish() };
    };
  }

  finish(): PartSummary {
    return this.#finish();
  }

  abandon(): void {
    this.#file.abandon();
  }
}
