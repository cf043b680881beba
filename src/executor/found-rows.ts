import { gatherBytes } from "../columnar/gather.js";
import type { RecordColumns } from "../job/record-batch.js";
import type { DerivedSpec } from "../model/job-spec.js";
import { wellFormed } from "../shuffle/coded-keys.js";
import type { AnyColumn, Codes } from "./column-codes.js";
import { keyTaker } from "./group-columns.js";
import type { SideIndex } from "./side-index.js";

type Columns = RecordColumns<Record<string, unknown>>;

/** A look-up over a column: the rows of a side input that its values find are codes, all strange values one more. */
export class FoundRows implements Codes {
  /** Rows of a side input stay what they are. */
  readonly epoch = 0;
  readonly #from: string;
  readonly #give: string;
  readonly #index: SideIndex;
  readonly #takeKeys: ReturnType<typeof keyTaker>;
  #columns: Columns | undefined;
  #codes = new Int32Array(0);
  #ready = false;

  constructor({ from, lookup }: DerivedSpec, index: SideIndex) {
    this.#from = from.name;
    this.#give = lookup!.give.name;
    this.#index = index;
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
    return this.#index.rows[this.codeAt(row)]?.[this.#give] ?? null;
  }

  #find(): void {
    const columns = this.#columns!;
    const { length } = columns;
    if (this.#codes.length < length) this.#codes = new Int32Array(length);
    const codes = this.#codes;
    this.#index.find(this.#keysOf(columns), length, codes);
    const strange = this.#index.rows.length;
    for (let row = 0; row < length; row++) if (codes[row]! > strange) codes[row] = strange;
    this.#ready = true;
  }

  #keysOf(columns: Columns) {
    const column = columns.columns[this.#from] as AnyColumn;
    return "codes" in column ? wellFormed(gatherBytes(column.texts, column.codes, 0, columns.length), columns.length) : this.#takeKeys(columns);
  }
}
