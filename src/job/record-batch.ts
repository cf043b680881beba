/**
 * What `mapBatch` gets: a run of records as columns. Numbers are typed arrays; strings stay UTF-8 bytes
 * until `get(i)` decodes one. Valid during the call only.
 */
export interface Utf8Column {
  readonly length: number;
  /** Byte range of value i: offsets[i] to offsets[i + 1]. Length: rows + 1. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  get(index: number): string;
}

/** Values that have no flat form (binary, lists, structs, nullable columns). */
export interface ValueColumn<T> {
  readonly length: number;
  get(index: number): T;
}

type ColumnOf<T> = [T] extends [string] ? Utf8Column : [T] extends [number] ? Float64Array | Int32Array : [T] extends [bigint] ? BigInt64Array : ValueColumn<T>;

/** Lines have the one column `line`; other records have a column for each member. */
export interface RecordColumns<R> {
  readonly length: number;
  readonly columns: R extends string ? { readonly line: Utf8Column } : { readonly [Name in keyof R]: ColumnOf<R[Name]> };
}
