import type { ByteSink } from "../columnar/byte-sink.js";
import type { FieldSpec } from "../model/type-spec.js";
import { jsonTextOf, NoJsonError } from "./json-text.js";
import { jsonPrinter } from "./json-typed.js";
import type { RowEncoder } from "./row-encoder.js";

/** JSON lines: one value a line; with a schema, its members in its order. */
export class JsonlEncoding implements RowEncoder {
  readonly extension = "jsonl";
  private readonly print: (row: unknown) => string;

  constructor(schema: readonly FieldSpec[] | undefined) {
    this.print = schema === undefined ? jsonTextOf : jsonPrinter(schema);
  }

  begin(_out: ByteSink): void {}

  encode(row: unknown, out: ByteSink): void {
    out.utf8(this.text(row));
    out.byte(10);
  }

  end(_out: ByteSink): void {}

  private text(row: unknown): string {
    try {
      return this.print(row);
    } catch (error) {
      if (error instanceof RangeError) throw new TypeError("a row of jsonl() holds itself, or is nested too deeply or too long to be printed", { cause: error });
      if (!(error instanceof NoJsonError)) throw error;
      const member = error.path === "" ? "" : `member "${error.path.replace(/^\./, "")}": `;
      throw new TypeError(`a row of jsonl() does not fit: ${member}${error.message}`);
    }
  }
}
