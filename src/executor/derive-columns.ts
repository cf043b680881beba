/**
 * The columns that a group-by works on: those of the input without the rows that fail a condition, and those that
 * lifted functions and look-ups make of them. Conditions hold or fail row by row in their order, so that a function sees the same values as in
 * the plain twin, `recordDeriver`.
 */
import { defineMember } from "../columnar/codec.js";
import type { KeyedColumns } from "../columnar/coded-texts.js";
import { expressionsOf, isLifted, type Predicate } from "../job/column-expressions.js";
import type { JobDefinition } from "../job/define-job.js";
import type { RecordColumns } from "../job/record-batch.js";
import type { ConditionSpec, DerivedSpec, GroupBySpec } from "../model/job-spec.js";
import type { FieldSpec } from "../model/type-spec.js";
import { columnCodes, type AnyColumn, type ColumnCodes } from "./column-codes.js";
import { columnTest, type Test } from "./column-tests.js";
import { expressionFunctions } from "./expression-functions.js";
import { FoundValues } from "./found-values.js";
import { LiftedValues } from "./lifted-values.js";
import { selectBytes, selectCodes, selectRows } from "./select-rows.js";
import { plainIndex, type SideIndex, type SideRow } from "./side-index.js";

type Columns = RecordColumns<Record<string, unknown>>;
type Row = Record<string, unknown>;

/** Where look-ups look. */
export interface SideRows {
  side(name: string): readonly SideRow[];
  sideIndex(spec: DerivedSpec): SideIndex;
}

/** Gives the columns of a chunk that are to be grouped, in the memory of those that it is given. */
export function columnDeriver(spec: GroupBySpec, definition: JobDefinition, sides: SideRows): (columns: KeyedColumns) => KeyedColumns {
  if (spec.derive.length === 0 && spec.where.length === 0) return (columns) => columns;
  const chunk = new DerivedChunk(spec, definition, sides);
  return (columns) => chunk.derive(columns);
}

/** The same for one record; undefined for one that fails a condition. */
export function recordDeriver(spec: GroupBySpec, definition: JobDefinition, sides: SideRows): (record: Row) => Row | undefined {
  const { derive, where } = expressionFunctions(expressionsOf(definition));
  const sources = new Map(spec.derive.map(({ name, from }) => [name, from.name]));
  const makers = new Map(spec.derive.map((derived) => [derived.name, derived.lookup ? recordLookup(derived, sides) : derive.get(derived.name)!]));
  const grouped = derivedToGroup(spec);
  // No type holds undefined. The record may have a column of the same name, where only a header says which it has.
  const unmade = Object.fromEntries(spec.derive.map(({ name }) => [name, undefined]));
  return (record) => {
    const row: Row = { ...record, ...unmade };
    const valueOf = (name: string): unknown => {
      const source = sources.get(name);
      if (source !== undefined && row[name] === undefined) defineMember(row, name, makers.get(name)!(record[source]));
      return row[name];
    };
    for (let i = 0; i < where.length; i++) if (!where[i]!(valueOf(spec.where[i]!.column.name))) return undefined;
    for (const { name } of grouped) valueOf(name);
    return row;
  };
}

function recordLookup(derived: DerivedSpec, sides: SideRows): (value: unknown) => unknown {
  const { side, give } = derived.lookup!;
  let find: ReturnType<typeof plainIndex> | undefined;
  return (value) => (find ??= plainIndex(derived, sides.side(side)))(value)?.[give.name] ?? null;
}

class DerivedChunk {
  readonly #sources = new Map<string, { readonly name: string; readonly codes: ColumnCodes }>();
  readonly #derived = new Map<string, LiftedValues>();
  readonly #lookups: FoundValues[] = [];
  readonly #grouped: readonly DerivedSpec[];
  readonly #kept: readonly string[];
  /** The derived column that is the key alone, if any. */
  readonly #key: string | undefined;
  readonly #openTests: readonly ((columns: Columns) => Test)[];

  constructor(spec: GroupBySpec, definition: JobDefinition, sides: SideRows) {
    const expressions = expressionsOf(definition);
    const functions = expressionFunctions(expressions);
    this.#key = spec.keys.length === 1 ? spec.derive.find(({ name }) => name === spec.keys[0]!.name)?.name : undefined;
    for (const derived of spec.derive) {
      const { name, type, from, lookup } = derived;
      const isKey = name === this.#key;
      this.#derived.set(name, lookup ? new LiftedValues(this.#found(derived, sides), type, (value) => value, isKey) : new LiftedValues(this.#codesOf(from), type, functions.derive.get(name)!, isKey));
    }
    this.#openTests = spec.where.map((condition, i) => this.#testOpener(condition, expressions.where[i]!, functions.where[i]!));
    this.#grouped = derivedToGroup(spec);
    this.#kept = [...new Set([...spec.keys, ...spec.values].map(({ name }) => name))].filter((name) => !this.#derived.has(name));
  }

  derive(columns: KeyedColumns): KeyedColumns {
    for (const { name, codes } of this.#sources.values()) codes.open(columnOf(columns, name), columns.length);
    for (const lookup of this.#lookups) lookup.open(columns);
    for (const values of this.#derived.values()) values.open();
    const rows = rowsThatPass(this.#openTests.map((open) => open(columns)), columns.length);
    const result: Record<string, AnyColumn> = {};
    let keys: KeyedColumns["keys"];
    // Selecting moves the values that functions are called with.
    for (const { name } of this.#grouped) {
      const values = this.#derived.get(name)!;
      const codes = values.codesOf(rows);
      defineMember(result, name, values.column(codes));
      if (name === this.#key) keys = values.keys(codes);
    }
    const all = rows.length === columns.length;
    for (const name of this.#kept) defineMember(result, name, all ? columnOf(columns, name) : selectRows(columnOf(columns, name), rows));
    keys ??= columns.keys && (all ? columns.keys : "codes" in columns.keys ? selectCodes(columns.keys, rows) : selectBytes(columns.keys, rows));
    return { length: rows.length, columns: result as Columns["columns"], ...(keys && { keys }) };
  }

  #found(derived: DerivedSpec, sides: SideRows): FoundValues {
    const found = new FoundValues(derived, sides.sideIndex(derived));
    this.#lookups.push(found);
    return found;
  }

  /** Functions of one column share its codes. */
  #codesOf({ name, type }: FieldSpec): ColumnCodes {
    const known = this.#sources.get(name);
    if (known !== undefined) return known.codes;
    const codes = columnCodes(type);
    this.#sources.set(name, { name, codes });
    return codes;
  }

  #testOpener({ column }: ConditionSpec, predicate: Predicate, holds: (value: unknown) => boolean): (columns: Columns) => Test {
    const derived = this.#derived.get(column.name);
    const outcomes = new LiftedValues(derived ?? this.#codesOf(column), { kind: "bool", nullable: false }, holds);
    return (columns) => {
      // Looking a value up costs more than comparing it.
      const test = derived !== undefined || isLifted(predicate) ? undefined : columnTest(predicate, columnOf(columns, column.name));
      if (test !== undefined) return test;
      outcomes.open();
      return (row) => outcomes.valueAt(row) === true;
    };
  }
}

function derivedToGroup({ keys, values, derive }: GroupBySpec): readonly DerivedSpec[] {
  return derive.filter(({ name }) => [...keys, ...values].some((field) => field.name === name));
}

function rowsThatPass(tests: readonly Test[], length: number): Int32Array {
  const rows = new Int32Array(length);
  let passed = 0;
  for (let row = 0; row < length; row++) {
    let i = 0;
    while (i < tests.length && tests[i]!(row)) i++;
    if (i === tests.length) rows[passed++] = row;
  }
  return rows.subarray(0, passed);
}

function columnOf(columns: Columns, name: string): AnyColumn {
  return columns.columns[name] as AnyColumn;
}
