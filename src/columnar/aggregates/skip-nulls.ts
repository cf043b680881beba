import type { TypeSpec } from "../../model/type-spec.js";
import type { BytesColumn, Column, Float64Column, Int64Column } from "../columns.js";
import { columnOfNumbers, numbersOf } from "../made-columns.js";
import { ValueColumns } from "../value-columns.js";
import { columnKind, valueLayout } from "../value-layout.js";
import { cellReader } from "../value-reader.js";
import type { AggregateState, SummaryPart } from "./aggregate-state.js";
import type { AggregateInput } from "./input-column.js";

/** An input of nullable numbers, for a state of plain ones: rows with null never reach it. */
export function skipNulls(input: AggregateInput, make: (input: AggregateInput) => AggregateState): AggregateState {
  if (!input.type.nullable) return make(input);
  const type: TypeSpec = { ...input.type, nullable: false };
  const state = make({ type, ...(input.index === undefined ? {} : { index: input.index }), column: ([only]) => only! });
  const summary = state.summary?.map((part): SummaryPart => ({ column: input.index!, of: columnKind(type) as "float64" | "int64", ...part, nullable: true }));
  const add = (codes: Int32Array, values: readonly Column[], rows: number): void => {
    const present = withoutNulls(input, type, codes, values, rows);
    state.add(present.codes, [present.column], present.rows);
  };
  // A row may be no value at all, so that none is a partial result by itself.
  const own: Readonly<Record<string | symbol, unknown>> = { add, summary, partialsOf: undefined };
  return new Proxy(state, { get: (target, name) => (name in own ? own[name] : bound(target, name)) });
}

function bound(target: AggregateState, name: string | symbol): unknown {
  const member = Reflect.get(target, name, target) as unknown;
  return typeof member === "function" ? member.bind(target) : member;
}

interface Present {
  readonly codes: Int32Array;
  readonly column: Column;
  readonly rows: number;
}

function withoutNulls(input: AggregateInput, type: TypeSpec, codes: Int32Array, values: readonly Column[], rows: number): Present {
  const column = input.column(values, rows) as BytesColumn;
  const { source } = column;
  const present = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (source === undefined ? column.bytes[column.offsets[row]!] === 1 : source.nulls[row] === 0) present[count++] = row;
  }
  const keptCodes = new Int32Array(count);
  for (let i = 0; i < count; i++) keptCodes[i] = codes[present[i]!]!;
  return { codes: keptCodes, column: source === undefined ? decoded(column, input.type, type, present.subarray(0, count)) : chosen(source.numbers, present.subarray(0, count)), rows: count };
}

/** As they lie: a row that is null may hold anything. */
function chosen(column: Float64Column | Int64Column, rows: Int32Array): Column {
  const numbers = numbersOf(column);
  const values = new (numbers.constructor as Float64ArrayConstructor)(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = numbers[rows[i]!] as number;
  return columnOfNumbers(values, column.kind);
}

/** The values of these rows, of which none is null. */
function decoded(column: BytesColumn, nullable: TypeSpec, type: TypeSpec, rows: Int32Array): Column {
  const read = cellReader(nullable);
  const values = new ValueColumns(valueLayout(type, false));
  for (const row of rows) values.append(read(column, row));
  return values.columns()[0]!;
}
