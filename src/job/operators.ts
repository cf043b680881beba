/** Built-in mappers: a `map` that Millrace knows, so that it can run on whole columns instead of records. */
import { InvalidJobError } from "../errors.js";

declare const types: unique symbol;

export interface Mapper<R, K, V> {
  readonly operator:
    | { readonly name: "words"; readonly options: WordsOptions; readonly lifted?: true }
    | { readonly name: "keyBytes"; readonly options: KeyBytesOptions }
    | { readonly name: "keyLine"; readonly options: Readonly<Record<never, never>> };
  /** What `lift` was given. */
  readonly lifted?: ((word: string) => unknown) | undefined;
  readonly [types]?: (record: R) => [K, V];
}

export interface WordsOptions {
  /** Lower-case each word by Unicode's rules. Default false. */
  readonly lowercase?: boolean;
}

/** A mapper without its types. */
export type AnyMapper = Pick<Mapper<never, never, never>, "operator" | "lifted">;

export interface Words extends Mapper<string, string, number> {
  /**
   * Emits (makeKey(word), 1) instead; undefined drops the word. `makeKey` is called about once for each distinct word of a
   * task, not for each word of the text, so it must be pure: its result depends on the word alone, and it changes nothing.
   */
  lift<K>(makeKey: (word: string) => K): Mapper<string, Exclude<K, undefined>, number>;
}

/** Emits (word, 1) for each run of Unicode letters, digits and marks of a line; an apostrophe inside a word belongs to it. */
export function words(options: WordsOptions = {}): Words {
  return {
    operator: { name: "words", options },
    lift(makeKey) {
      if (typeof makeKey !== "function") throw new InvalidJobError("words().lift: takes a function, such as lift((word) => word.slice(0, 3))");
      return { operator: { name: "words", options, lifted: true }, lifted: makeKey };
    },
  };
}

export interface KeyBytesOptions {
  readonly from: number;
  readonly to: number;
}

/** Emits (bytes from..to of the record, the record) for each record of `records(n)`: records sorted or grouped by a part of themselves. `to` is exclusive. */
export function keyBytes(from: number, to: number): Mapper<Uint8Array, Uint8Array, Uint8Array> {
  return { operator: { name: "keyBytes", options: { from, to } } };
}

/** Emits (the line, the line) for each line of `text()`: with `reduce: values()` lines are sorted by their UTF-8 bytes and never become strings. */
export function keyLine(): Mapper<string, string, string> {
  return { operator: { name: "keyLine", options: {} } };
}
