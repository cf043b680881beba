/**
 * Columns in Arrow layout: what map outputs, combine tables and merges are made of. Arrow's own vectors
 * wrap them at zero copy; hot loops work on these arrays directly.
 *
 * Keys are always a bytes column of encoded keys (see codec.ts): equal keys have equal bytes, and the order
 * of keys is the order of their bytes. Values are float64, int64 or encoded bytes (see value-layout.ts).
 */
export type Column = Float64Column | Int64Column | BytesColumn;
export type ColumnKind = Column["kind"];

export interface Float64Column {
  readonly kind: "float64";
  /** At least `rows` long. */
  readonly values: Float64Array;
  /** The same numbers, where `values` are made of them when somebody asks. */
  readonly source?: Int32Array;
}

export interface Int64Column {
  readonly kind: "int64";
  /** At least `rows` long. */
  readonly values: BigInt64Array;
  /** The same numbers, where `values` are made of them when somebody asks. */
  readonly source?: Float64Array;
}

export interface BytesColumn {
  readonly kind: "bytes";
  /** At least `rows + 1` long; value i is bytes[offsets[i] .. offsets[i + 1]). offsets[0] need not be 0. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  /** Of numbers that may be null, where offsets and bytes are made of these when somebody asks. */
  readonly source?: NumbersOrNull;
}

/** Numbers as they would lie if none were null, and a 1 for each that is. */
export interface NumbersOrNull {
  readonly numbers: Float64Column | Int64Column;
  readonly nulls: Uint8Array;
}

/** A column of results on its way to an output. */
export type ResultColumn = Column | { readonly kind: "values"; readonly values: readonly unknown[] };

/** Rows of (key, values...): the unit that maps hand to combine tables, writers and merges. */
export interface ColumnBatch {
  readonly rows: number;
  readonly keys: BytesColumn;
  readonly values: readonly Column[];
}
