/**
 * Finds the row of a side input that has a value in one of its columns: a key table of the column's values, whose codes
 * are the rows. A thread keeps it for all tasks of a job. Values that are looked up in vain get codes behind those, until there are many. The
 * plain twin is `plainIndex`.
 */
import { randomInt } from "node:crypto";
import { ByteSink } from "../columnar/byte-sink.js";
import { encoderFor } from "../columnar/codec.js";
import type { BytesColumn } from "../columnar/columns.js";
import { KernelKeyTable } from "../columnar/kernel-key-table.js";
import { KeyTable } from "../columnar/key-table.js";
import { hasKernels } from "../columnar/kernels/wasm.js";
import { TaskFailure } from "../errors.js";
import type { DerivedSpec } from "../model/job-spec.js";
import { showValue } from "../model/show-value.js";

export type SideRow = Readonly<Record<string, unknown>>;

/** Strange values that a table holds at most, and their bytes. */
const MOST_STRANGE = 1 << 16;
const MOST_STRANGE_BYTES = 16 << 20;

/** What a column of a side input gives. */
export interface GivenValues {
  /** By the code of a row, that of its value. */
  readonly numbers: Int32Array;
  /** The first is null, for what has no row. Equal ones are one, if they can be told apart by a Map. */
  readonly values: readonly unknown[];
}

export class SideIndex {
  /** By code; what has a code beyond them has no row. */
  readonly #rows: readonly SideRow[];
  readonly #given = new Map<string, GivenValues>();
  readonly #keys: BytesColumn;
  readonly #table: KernelKeyTable | KeyTable;
  readonly #ownBytes: number;

  /** Throws TaskFailure where two rows have one value. */
  constructor(spec: DerivedSpec, records: readonly SideRow[]) {
    this.#rows = rowsWithValue(spec, records);
    this.#keys = encoded(spec, this.#rows);
    // The seed keeps prepared data from colliding; results never depend on it.
    this.#table = new (hasKernels ? KernelKeyTable : KeyTable)(randomInt(2 ** 31));
    const codes = new Int32Array(this.#rows.length);
    this.#table.encode(this.#keys, codes.length, codes);
    const again = codes.findIndex((code, row) => code !== row);
    if (again >= 0) throw twice(spec, this.#rows[again]!);
    this.#ownBytes = this.#table.bytes;
  }

  /** Writes the code of each row of `keys`, which are encoded as the looked up column's type. Codes of strange values hold until the next call. */
  find(keys: BytesColumn, rows: number, codes: Int32Array): void {
    const own = this.#rows.length;
    if (this.#table.size - own > MOST_STRANGE || this.#table.bytes - this.#ownBytes > MOST_STRANGE_BYTES) {
      this.#table.clear();
      this.#table.encode(this.#keys, own, new Int32Array(own));
    }
    this.#table.encode(keys, rows, codes);
  }

  /** The values of a column. Worked out once. */
  given(name: string): GivenValues {
    let given = this.#given.get(name);
    if (given === undefined) this.#given.set(name, (given = givenValues(this.#rows, name)));
    return given;
  }
}

/** The same by a Map, one value after another. */
export function plainIndex(spec: DerivedSpec, records: readonly SideRow[]): (value: unknown) => SideRow | undefined {
  const rows = new Map<string, SideRow>();
  const encode = encoderFor(spec.from.type);
  const sink = new ByteSink(64);
  const keyOf = (value: unknown): string => {
    sink.clear();
    encode(value, sink);
    return Buffer.from(sink.bytes.buffer, 0, sink.length).toString("latin1");
  };
  for (const row of rowsWithValue(spec, records)) {
    const key = keyOf(row[spec.lookup!.among.name]);
    if (rows.has(key)) throw twice(spec, row);
    rows.set(key, row);
  }
  return (value) => (value === null ? undefined : rows.get(keyOf(value)));
}

function givenValues(rows: readonly SideRow[], name: string): GivenValues {
  const values: unknown[] = [null];
  const known = new Map<unknown, number>([[null, 0]]);
  const numbers = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i]![name];
    let number = known.get(value);
    if (number === undefined) known.set(value, (number = values.push(value) - 1));
    numbers[i] = number;
  }
  return { numbers, values };
}

function rowsWithValue({ lookup }: DerivedSpec, records: readonly SideRow[]): readonly SideRow[] {
  const { name, type } = lookup!.among;
  return type.nullable ? records.filter((record) => record[name] !== null) : records;
}

function encoded({ from, lookup }: DerivedSpec, rows: readonly SideRow[]): BytesColumn {
  const encode = encoderFor(from.type);
  const sink = new ByteSink();
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) {
    encode(row[lookup!.among.name], sink);
    offsets[i + 1] = sink.length;
  }
  return { kind: "bytes", offsets, bytes: sink.bytes };
}

function twice({ name, lookup }: DerivedSpec, row: SideRow): TaskFailure {
  const { side, among } = lookup!;
  return new TaskFailure({ kind: "user-error", message: `derive.${name}: side input ${side} has more than one row whose ${among.name} is ${showValue(row[among.name])}; a lookup needs values that are there once` });
}
