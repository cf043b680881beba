/** Encoded structs taken apart into a column for each member, for whoever wants columns anyway: no object and, of text, no string. */
import { ByteSink } from "./byte-sink.js";
import { Cursor, nestedDecoder } from "./codec.js";
import type { BytesColumn, ResultColumn } from "./columns.js";
import { memberKernel, type MemberKernels } from "./member-kernel.js";
import type { FieldSpec } from "../model/type-spec.js";

/** Takes the members that one row's cursor stands at, one column after another. */
interface MemberColumn {
  take(cursor: Cursor, row: number): void;
  column(): ResultColumn;
}

/** `kernels` are used where they can do it; columns hold until the next call. */
export function memberColumns(fields: readonly FieldSpec[], kernels?: MemberKernels): (structs: BytesColumn, rows: number) => ResultColumn[] {
  const inKernel = kernels && memberKernel(fields, kernels);
  return (structs, rows) => inKernel?.(structs, rows) ?? plainColumns(fields, structs, rows);
}

function plainColumns(fields: readonly FieldSpec[], { offsets, bytes }: BytesColumn, rows: number): ResultColumn[] {
  const members = fields.map(({ type }) => (type.kind === "utf8" && !type.nullable ? new TextMember(rows) : new ValueMember(nestedDecoder(type), rows)));
  for (let row = 0; row < rows; row++) {
    const cursor = new Cursor(bytes, offsets[row]!, offsets[row + 1]!);
    for (const member of members) member.take(cursor, row);
  }
  return members.map((member) => member.column());
}

class ValueMember implements MemberColumn {
  readonly #decode: (cursor: Cursor) => unknown;
  readonly #values: unknown[];

  constructor(decode: (cursor: Cursor) => unknown, rows: number) {
    this.#decode = decode;
    this.#values = new Array<unknown>(rows);
  }

  take(cursor: Cursor, row: number): void {
    this.#values[row] = this.#decode(cursor);
  }

  column(): ResultColumn {
    return { kind: "values", values: this.#values };
  }
}

class TextMember implements MemberColumn {
  readonly #texts = new ByteSink();
  readonly #offsets: Int32Array;

  constructor(rows: number) {
    this.#offsets = new Int32Array(rows + 1);
  }

  take(cursor: Cursor, row: number): void {
    cursor.text(this.#texts);
    this.#offsets[row + 1] = this.#texts.length;
  }

  column(): ResultColumn {
    return { kind: "bytes", offsets: this.#offsets, bytes: this.#texts.bytes };
  }
}
