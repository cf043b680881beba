/** Built-in mappers: a `map` that Millrace knows, so that it can run on whole columns instead of records. */
declare const types: unique symbol;

export interface Mapper<R, K, V> {
  readonly operator: { readonly name: "words"; readonly options: WordsOptions } | { readonly name: "keyBytes"; readonly options: KeyBytesOptions };
  readonly [types]?: (record: R) => [K, V];
}

export interface WordsOptions {
  /** Lower-case each word by Unicode's rules. Default false. */
  readonly lowercase?: boolean;
}

/** Emits (word, 1) for each run of Unicode letters, digits and marks of a line; an apostrophe inside a word belongs to it. */
export function words(options: WordsOptions = {}): Mapper<string, string, number> {
  return { operator: { name: "words", options } };
}

export interface KeyBytesOptions {
  readonly from: number;
  readonly to: number;
}

/** Emits (bytes from..to of the record, the record) for each record of `records(n)`: records sorted or grouped by a part of themselves. `to` is exclusive. */
export function keyBytes(from: number, to: number): Mapper<Uint8Array, Uint8Array, Uint8Array> {
  return { operator: { name: "keyBytes", options: { from, to } } };
}
