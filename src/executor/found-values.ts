import type { RecordColumns } from "../job/record-batch.js";
import type { DerivedSpec } from "../model/job-spec.js";
import type { Codes } from "./column-codes.js";
import { keyTaker } from "./group-columns.js";
import type { GivenValues, SideIndex } from "./side-index.js";

type Columns = RecordColumns<Record<string, unknown>>;

/** What a look-up finds for the rows of a chunk, as codes of the values that it may give. */
export class FoundValues implements Codes {
  /** A side input stays what it is. */
  readonly epoch = 0;
  readonly #index: SideIndex;
  readonly #given: GivenValues;
  readonly #takeKeys: ReturnType<typeof keyTaker>;
  #columns: Columns | undefined;
  #codes = new Int32Array(0);
  #ready = false;

  constructor({ from, lookup }: DerivedSpec, index: SideIndex) {
    this.#index = index;
    this.#given = index.given(lookup!.give.name);
    this.#takeKeys = keyTaker([from]);
  }

  /** Goes to the next chunk. */
  open(columns: Columns): void {
    this.#columns = columns;
    this.#ready = false;
  }

  codeAt(row: number): number {
    if (!this.#ready) this.#find();
    return this.#codes[row]!;
  }

  valueAt(row: number): unknown {
    return this.#given.values[this.codeAt(row)];
  }

  #find(): void {
    const columns = this.#columns!;
    const { length } = columns;
    if (this.#codes.length < length) this.#codes = new Int32Array(length);
    const codes = this.#codes;
    this.#index.find(this.#takeKeys(columns), length, codes);
    const { numbers } = this.#given;
    for (let row = 0; row < length; row++) codes[row] = codes[row]! < numbers.length ? numbers[codes[row]!]! : 0;
    this.#ready = true;
  }
}
