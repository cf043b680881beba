/** How the fields of a CSV or TSV record become a record: typed columns, members by header name, or an array. */
import { defineMember } from "../columnar/codec.js";
import type { FieldSpec } from "../model/type-spec.js";
import { badInput } from "./bad-input.js";
import { cellParser, type ParseCell } from "./cell-values.js";
import type { FieldSource } from "./field-source.js";

export interface RowShape {
  /** Fields that each record must have. Arrays may be of any length: no split could know what another takes for right. */
  readonly width: number | undefined;
  /** Columns of a batch map, where they are known. */
  readonly fields: readonly FieldSpec[] | undefined;
  make(fields: FieldSource, text: (field: string) => string): unknown;
}

/** `header` holds the names of the columns, unless the file has none. Throws `bad-input` when a column of the schema is missing. */
export function rowShape(path: string, header: readonly string[] | undefined, schema: readonly FieldSpec[] | undefined): RowShape {
  if (schema !== undefined) return typedShape(schema, header?.length ?? schema.length, header === undefined ? schema.map((_, i) => i) : schema.map(({ name }) => columnOf(path, header, name)));
  if (header === undefined) {
    return { width: undefined, fields: undefined, make: (fields, text) => Array.from({ length: fields.count }, (_, i) => text(fields.get(i))) };
  }
  checkDistinct(path, header);
  return {
    width: header.length,
    fields: header.map((name) => ({ name, type: { kind: "utf8", nullable: false } })),
    make(fields, text) {
      const record: Record<string, string> = {};
      for (let i = 0; i < header.length; i++) defineMember(record, header[i]!, text(fields.get(i)));
      return record;
    },
  };
}

interface Pick {
  readonly name: string;
  readonly index: number;
  readonly parse: ParseCell;
  readonly isText: boolean;
}

function typedShape(schema: readonly FieldSpec[], width: number, places: readonly number[]): RowShape {
  const picks = schema.map(({ name, type }, i): Pick => ({ name, index: places[i]!, parse: cellParser(type), isText: type.kind === "utf8" || type.kind === "json" || type.kind === "list" || type.kind === "struct" }));
  return {
    width,
    fields: schema,
    make(fields, text) {
      const record: Record<string, unknown> = {};
      for (let i = 0; i < picks.length; i++) {
        const { name, index, parse, isText } = picks[i]!;
        const field = fields.get(index);
        try {
          defineMember(record, name, parse(isText ? text(field) : field, fields.isQuoted(index)));
        } catch (error) {
          throw error instanceof TypeError ? new TypeError(`column "${name}": ${error.message}`) : error;
        }
      }
      return record;
    },
  };
}

function columnOf(path: string, header: readonly string[], name: string): number {
  const index = header.indexOf(name);
  if (index >= 0 && header.indexOf(name, index + 1) < 0) return index;
  const shown = header.map((each) => JSON.stringify(each)).join(", ");
  if (index >= 0) throw badInput(path, `has two columns ${JSON.stringify(name)}; its header is ${shown}`);
  const near = header.find((each) => each.trim().toLowerCase() === name.toLowerCase());
  throw badInput(path, `has no column ${JSON.stringify(name)}${near === undefined ? "" : ` (did you mean ${JSON.stringify(near)}?)`}; its header is ${shown}`);
}

function checkDistinct(path: string, header: readonly string[]): void {
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw badInput(path, `has two columns ${JSON.stringify(twice)}; rename one, or read it with header: false`);
}
