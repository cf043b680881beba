import type { TypeSpec } from "../model/type-spec.js";
import { decoderFor, defineMember } from "./codec.js";
import { columnTexts } from "./column-texts.js";
import type { BytesColumn, Column, Float64Column, Int64Column } from "./columns.js";
import { columnKind, type ValueLayout } from "./value-layout.js";

/** Reads the value of a row as the user knows it: a `Date` for a timestamp, an object for a struct, and so on. */
export type ReadValue = (columns: readonly Column[], row: number) => unknown;

export function valueReader(layout: ValueLayout): ReadValue {
  const { members } = layout;
  if (members === undefined) {
    const read = cellReader(layout.type);
    return ([column], row) => read(column!, row);
  }
  const cells = members.map((member) => ({ name: member.name, read: cellReader(member.type) }));
  return (columns, row) => {
    const value: Record<string, unknown> = {};
    for (let i = 0; i < cells.length; i++) defineMember(value, cells[i]!.name, cells[i]!.read(columns[i]!, row));
    return value;
  };
}

/** The same for the rows of one batch, all or most of which will be read. */
export function batchReader(layout: ValueLayout): (columns: readonly Column[], rows: number) => (row: number) => unknown {
  if (isText(layout.type)) return ([column], rows) => columnTexts(column as BytesColumn, rows);
  const read = valueReader(layout);
  return (columns) => (row) => read(columns, row);
}

/** The same for keys, which are encoded. */
export function keyReader(type: TypeSpec): (keys: BytesColumn, rows: number) => (row: number) => unknown {
  if (isText(type)) return columnTexts;
  const decode = decoderFor(type);
  return ({ bytes, offsets }) => (row) => decode(bytes, offsets[row]!, offsets[row + 1]!);
}

function isText(type: TypeSpec): boolean {
  return type.kind === "utf8" && !type.nullable;
}

export function cellReader(type: TypeSpec): (column: Column, row: number) => unknown {
  switch (columnKind(type)) {
    case "bytes": {
      const decode = decoderFor(type);
      return (column, row) => {
        const { offsets, bytes } = column as BytesColumn;
        return decode(bytes, offsets[row]!, offsets[row + 1]!);
      };
    }
    case "int64": {
      const asNumber = type.kind === "int64" && type.as === "number";
      return asNumber ? (column, row) => Number((column as Int64Column).values[row]) : (column, row) => (column as Int64Column).values[row];
    }
    case "float64":
      return float64Reader(type);
  }
}

function float64Reader({ kind }: TypeSpec): (column: Column, row: number) => unknown {
  switch (kind) {
    case "bool":
      return (column, row) => (column as Float64Column).values[row] === 1;
    case "timestamp":
    case "date":
      return (column, row) => new Date((column as Float64Column).values[row]!);
    default:
      return (column, row) => (column as Float64Column).values[row];
  }
}
