import type { TypeSpec } from "../../model/type-spec.js";
import type { BytesColumn, Column } from "../columns.js";
import { ValueColumns } from "../value-columns.js";
import { valueLayout } from "../value-layout.js";
import { cellReader } from "../value-reader.js";
import type { AggregateState } from "./aggregate-state.js";
import type { AggregateInput } from "./input-column.js";

/** An input of nullable numbers, for a state of plain ones: rows with null never reach it. */
export function skipNulls(input: AggregateInput, make: (input: AggregateInput) => AggregateState): AggregateState {
  if (!input.type.nullable) return make(input);
  const type: TypeSpec = { ...input.type, nullable: false };
  const state = make({ type, column: ([only]) => only! });
  const add = (codes: Int32Array, values: readonly Column[], rows: number): void => {
    const present = withoutNulls(input, type, codes, values, rows);
    state.add(present.codes, [present.column], present.rows);
  };
  // A row may be no value at all, so that none is a partial result by itself.
  return new Proxy(state, { get: (target, name) => (name === "add" ? add : name === "partialsOf" ? undefined : bound(target, name)) });
}

function bound(target: AggregateState, name: string | symbol): unknown {
  const member = Reflect.get(target, name, target) as unknown;
  return typeof member === "function" ? member.bind(target) : member;
}

function withoutNulls(input: AggregateInput, type: TypeSpec, codes: Int32Array, values: readonly Column[], rows: number): { codes: Int32Array; column: Column; rows: number } {
  const column = input.column(values, rows) as BytesColumn;
  const read = cellReader(input.type);
  const kept = new ValueColumns(valueLayout(type, false));
  const keptCodes = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (column.bytes[column.offsets[row]!] === 0) continue;
    kept.append(read(column, row));
    keptCodes[count++] = codes[row]!;
  }
  return { codes: keptCodes, column: kept.columns()[0]!, rows: count };
}
