/**
 * The map of a group-by job: keys and values are taken from the columns of a chunk and go to the shuffle as a
 * batch. No record becomes an object; numbers and ASCII keys are not even copied. Its plain twin is `groupRecords`.
 */
import { ByteSink } from "../columnar/byte-sink.js";
import { encoderFor } from "../columnar/codec.js";
import type { CodedTexts, KeyedColumns } from "../columnar/coded-texts.js";
import type { BytesColumn, Column } from "../columnar/columns.js";
import { BytesOfNumbers, encodedNumbers } from "../columnar/encoded-numbers.js";
import { gatherBytes } from "../columnar/gather.js";
import { columnOfNumbers } from "../columnar/made-columns.js";
import { encodedTexts, NullableNumbers, NullableTexts } from "../columnar/nullable-columns.js";
import { NumberedColumn } from "../columnar/numbered-column.js";
import { valueLayout, type ValueLayout } from "../columnar/value-layout.js";
import { ValueColumns } from "../columnar/value-columns.js";
import type { RecordColumns, Utf8Column } from "../job/record-batch.js";
import type { GroupBySpec } from "../model/job-spec.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { inputColumns } from "../plan/group-by-input.js";
import { wellFormed } from "../shuffle/coded-keys.js";
import { valueReader, type AnyColumn } from "./column-codes.js";
import type { ColumnSink } from "../shuffle/map-output.js";
import { structKeys } from "./struct-keys.js";

type Columns = RecordColumns<Record<string, unknown>>;
type TakeKeys = (columns: Columns) => BytesColumn;
type TakeValues = (columns: Columns) => readonly Column[];

/** The names of the columns that a group-by reads. Keys come last: a record whose value is bad must not leave its key in a dictionary. */
export function columnsOfGroupBy({ keys, values }: GroupBySpec): string[] {
  const keyNames = keys.map(({ name }) => name);
  return [...values.map(({ name }) => name).filter((name) => !keyNames.includes(name)), ...keyNames];
}

/** Emits key and value of each record: a group-by as an ordinary map. */
export function groupRecords({ keys, values }: GroupBySpec): (record: Record<string, unknown>, emit: (key: unknown, value: unknown) => void) => void {
  const [key] = keys;
  const noValue = values.length === 0;
  if (keys.length === 1) return (record, emit) => emit(record[key!.name], noValue ? true : record);
  return (record, emit) => emit(record, noValue ? true : record);
}

/** Hands keys and values of chunks to the shuffle. */
export function columnGrouper({ keys, values }: GroupBySpec, sink: ColumnSink): (columns: Columns) => void {
  const takeKeys = keyTaker(keys);
  const takeValues = valueTaker(values, sink.emitted);
  const { addBatch, addCoded } = sink;
  const [{ name }] = keys as [FieldSpec];
  return (columns) => {
    const coded = (columns as KeyedColumns).keys ?? (keys.length === 1 ? columnOf(columns, name) : undefined);
    // Codes may end with a chunk of which no record is left.
    if (addCoded && coded && isCoded(coded)) addCoded(coded, takeValues(columns));
    else if (columns.length > 0) addBatch({ rows: columns.length, keys: takeKeys(columns), values: takeValues(columns) });
  };
}

/** The columns of the input whose texts, or whose values together, are wanted as codes of keys, if any. */
export function codedKeys(groupBy: GroupBySpec, sink: ColumnSink): string[] | undefined {
  if (sink.addCoded === undefined) return undefined;
  const { keys } = inputColumns(groupBy);
  const [{ name, type }] = keys as [FieldSpec];
  // What is looked up gets codes of its own.
  if (groupBy.derive.some(({ name, lookup }) => lookup !== undefined && name === groupBy.keys[0]!.name)) return undefined;
  if (keys.length === 1) return type.nullable ? nullableKey(groupBy, name) : type.kind === "utf8" ? [name] : undefined;
  return groupBy.derive.length === 0 ? keys.map((key) => key.name) : undefined;
}

/** Codes of encodings, which are of no use to functions of the column. */
function nullableKey({ keys, derive }: GroupBySpec, name: string): string[] | undefined {
  return keys[0]!.name === name && !derive.some((derived) => derived.name === name) ? [name] : undefined;
}

/** Encodes a column, or several as a struct, as keys. */
export function keyTaker(keys: readonly FieldSpec[]): TakeKeys {
  const [first] = keys;
  const { name, type } = first!;
  if (keys.length === 1 && type.kind === "utf8" && !type.nullable) return (columns) => textsOf(columnOf(columns, name) as CodedTexts | Utf8Column, columns.length);
  if (keys.length > 1) {
    const encodeKeys = structKeys(keys);
    return (columns) => keysMade(columns) ?? encodeKeys(keys.map((key) => columnOf(columns, key.name)), columns.length);
  }
  const sink = new ByteSink();
  const encode = encoderFor(type);
  return (columns) => {
    const column = columnOf(columns, name);
    if (column instanceof NullableTexts) return nullableTexts(column);
    if (column instanceof NullableNumbers) return nullableNumbers(column, type, columns.length);
    const numbers = column instanceof NumberedColumn ? column.numbers : column;
    if (!("get" in numbers || "codes" in numbers)) return encodedNumbers(numbers, type, columns.length);
    sink.clear();
    const at = valueReader(column);
    const offsets = new Int32Array(columns.length + 1);
    for (let row = 0; row < columns.length; row++) {
      encode(at(row), sink);
      offsets[row + 1] = sink.length;
    }
    return { kind: "bytes", offsets, bytes: sink.bytes };
  };
}

function isCoded(column: AnyColumn | BytesColumn): column is CodedTexts {
  return "codes" in column;
}

/** Keys of several columns that the reader has encoded. */
function keysMade({ keys }: KeyedColumns): BytesColumn | undefined {
  return keys && "kind" in keys ? keys : undefined;
}

function valueTaker(values: readonly FieldSpec[], emitted: ValueLayout): TakeValues {
  // The aggregator reads no values.
  if (values.length === 0) return () => [];
  if (emitted.members !== undefined) {
    const takers = values.map(({ name, type }) => ({ name, take: memberTaker(type) }));
    return (columns) => takers.map(({ name, take }) => take(columnOf(columns, name), columns.length));
  }
  const read = rowReader(values);
  const cells = new ValueColumns(emitted);
  return (columns) => filled(cells, read(columns), columns.length);
}

function memberTaker(type: TypeSpec): (column: AnyColumn, rows: number) => Column {
  const cells = new ValueColumns(valueLayout(type, false));
  const kind = type.kind === "int64" ? "int64" : "float64";
  return (column, rows) => {
    if (column instanceof NumberedColumn) return { kind: "float64", values: column.numbers };
    if (column instanceof NullableTexts) return nullableTexts(column);
    if (column instanceof NullableNumbers) return nullableNumbers(column, type, rows);
    if (column instanceof Float64Array || column instanceof Int32Array || column instanceof BigInt64Array) return columnOfNumbers(column, kind);
    if (type.kind === "utf8" && !type.nullable) return textsOf(column as CodedTexts | Utf8Column, rows);
    return filled(cells, valueReader(column), rows)[0]!;
  };
}

/** As they lie where each row has its own; a dictionary's are copied. */
function textsOf(column: CodedTexts | Utf8Column, rows: number): BytesColumn {
  if ("codes" in column) return wellFormed(gatherBytes(column.texts, column.codes, 0, rows), rows);
  return wellFormed({ kind: "bytes", offsets: column.offsets, bytes: column.bytes }, rows);
}

function nullableNumbers({ numbers, nulls }: NullableNumbers, type: TypeSpec, rows: number): BytesColumn {
  return new BytesOfNumbers({ numbers: columnOfNumbers(numbers, type.kind === "int64" ? "int64" : "float64"), nulls }, type, rows);
}

function nullableTexts({ texts: { offsets, bytes }, nulls, length }: NullableTexts): BytesColumn {
  return encodedTexts(wellFormed({ kind: "bytes", offsets, bytes }, length), nulls, length);
}

function filled(cells: ValueColumns, at: (row: number) => unknown, rows: number): Column[] {
  cells.clear();
  for (let row = 0; row < rows; row++) cells.append(at(row));
  return cells.columns();
}

/** Rows as objects of these columns. */
function rowReader(fields: readonly FieldSpec[]): (columns: Columns) => (row: number) => unknown {
  return (columns) => {
    const readers = fields.map(({ name }) => [name, valueReader(columnOf(columns, name))] as const);
    return (row) => Object.fromEntries(readers.map(([name, read]) => [name, read(row)]));
  };
}

function columnOf(columns: Columns, name: string): AnyColumn {
  return columns.columns[name] as AnyColumn;
}
