/** A lifted function over a column: called once for each code, its results found by code from then on. */
import { ByteSink } from "../columnar/byte-sink.js";
import type { CodedTexts } from "../columnar/coded-texts.js";
import { decodeUtf8, encoderFor, type Encode } from "../columnar/codec.js";
import type { TypeSpec } from "../model/type-spec.js";
import type { AnyColumn, Codes } from "./column-codes.js";

/** Results before they are forgotten. */
const MOST_RESULTS = 1 << 16;
const MOST_BYTES = 8 << 20;

/** Numbers the results of a function by the codes of its argument. The results are codes again, for functions of a derived column. */
export class LiftedValues implements Codes {
  epoch = 0;
  readonly #source: Codes;
  readonly #make: (value: unknown) => unknown;
  readonly #type: TypeSpec;
  #sourceEpoch = 0;
  /** By the source's code: the result's, less 1; 0 where the function was not called yet. */
  #known = new Int32Array(256);
  readonly #numbers = new Map<unknown, number>();
  #results: unknown[] = [];
  /** Results as keys: a text is its own. Absent where nobody asks for them. */
  readonly #encode: Encode | undefined;
  #keys = new ByteSink();
  #offsets = new Int32Array(257);

  /** `make` checks what it gives: it is of `type`. */
  constructor(source: Codes, type: TypeSpec, make: (value: unknown) => unknown, isKey = false) {
    this.#source = source;
    this.#type = type;
    this.#make = make;
    this.#encode = isKey || this.#isText ? encoderFor(type) : undefined;
  }

  /** To be called when the source went to the next chunk. */
  open(): void {
    const isFull = this.#results.length > MOST_RESULTS || this.#keys.length > MOST_BYTES;
    if (this.#sourceEpoch === this.#source.epoch && !isFull) return;
    this.#sourceEpoch = this.#source.epoch;
    this.#known.fill(0);
    if (!isFull && this.#encode !== undefined) return;
    this.#numbers.clear();
    this.#results = [];
    this.#keys = new ByteSink();
    this.epoch++;
  }

  codeAt(row: number): number {
    const code = this.#source.codeAt(row);
    const known = code < this.#known.length ? this.#known[code]! : 0;
    return known > 0 ? known - 1 : this.#learn(code, this.#source.valueAt(row));
  }

  valueAt(row: number): unknown {
    return this.#results[this.codeAt(row)];
  }

  codesOf(rows: Int32Array): Int32Array {
    const codes = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) codes[i] = this.codeAt(rows[i]!);
    return codes;
  }

  /** The results of these codes as keys that are numbered, each encoded once. */
  keys(codes: Int32Array): CodedTexts {
    return this.#coded(codes, !this.#isText);
  }

  /** The results of these codes, as a reader gives a column of their type. */
  column(codes: Int32Array): AnyColumn {
    const results = this.#results;
    const get = (row: number): unknown => results[codes[row]!];
    const { kind, nullable } = this.#type;
    if (nullable) return { length: codes.length, get };
    if (this.#isText) return this.#coded(codes, false);
    if (kind === "float64" || (kind === "int64" && this.#type.as === "number")) return numbersOf(codes, results, new Float64Array(codes.length));
    if (kind === "int32") return numbersOf(codes, results, new Int32Array(codes.length));
    if (kind === "int64") return bigintsOf(codes, results);
    return { length: codes.length, get };
  }

  get #isText(): boolean {
    return this.#type.kind === "utf8" && !this.#type.nullable;
  }

  #learn(code: number, value: unknown): number {
    const result = this.#make(value);
    const number = this.#numberOf(result);
    if (code >= this.#known.length) {
      const grown = new Int32Array(Math.max(code + 1, 2 * this.#known.length));
      grown.set(this.#known);
      this.#known = grown;
    }
    this.#known[code] = number + 1;
    return number;
  }

  /** Equal results get one number, if they can be told apart by a Map. */
  #numberOf(result: unknown): number {
    const known = this.#numbers.get(result);
    // A Map takes -0 for 0, and a function of the result need not.
    if (known !== undefined && Object.is(this.#results[known], result)) return known;
    const number = this.#results.push(result) - 1;
    if (typeof result !== "object") this.#numbers.set(result, number);
    if (this.#encode !== undefined) this.#addKey(result, this.#encode);
    return number;
  }

  #addKey(result: unknown, encode: Encode): void {
    encode(result, this.#keys);
    const size = this.#results.length;
    if (size >= this.#offsets.length) {
      const grown = new Int32Array(2 * size);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#offsets[size] = this.#keys.length;
  }

  #coded(codes: Int32Array, isEncoded: boolean): CodedTexts {
    const offsets = this.#offsets;
    const { bytes } = this.#keys;
    return {
      length: codes.length,
      codes,
      texts: { kind: "bytes", offsets, bytes },
      size: this.#results.length,
      isEncoded,
      isLast: false,
      epoch: this.epoch,
      get: (row) => decodeUtf8(bytes, offsets[codes[row]!]!, offsets[codes[row]! + 1]!),
    };
  }
}

function numbersOf<A extends Float64Array | Int32Array>(codes: Int32Array, results: readonly unknown[], numbers: A): A {
  for (let row = 0; row < codes.length; row++) numbers[row] = results[codes[row]!] as number;
  return numbers;
}

function bigintsOf(codes: Int32Array, results: readonly unknown[]): BigInt64Array {
  const numbers = new BigInt64Array(codes.length);
  for (let row = 0; row < codes.length; row++) numbers[row] = results[codes[row]!] as bigint;
  return numbers;
}
