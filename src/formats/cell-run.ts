/**
 * A run is the records that a kernel took together, given one by one as objects: each column is parsed in a loop of its own, and
 * texts are substrings of one string.
 */
import { columnTexts } from "../columnar/column-texts.js";
import type { CellFields } from "./cell-fields.js";
import type { CellValues } from "./cell-columns.js";
import type { CellKernel } from "./cell-kernel.js";
import { recordMaker, type Getter, type RecordMaker } from "./record-maker.js";

/** Where fewer are taken at once, the next records are left to the caller: so many, then twice as many. */
const FEW = 8;
const FIRST_WAIT = 16;
const LONGEST_WAIT = 1024;

export class CellRun {
  /** Where in the chunk the record at hand begins and ends; `find` first. */
  at = 0;
  end = 0;
  /** Behind the run. */
  next = 0;
  readonly #kernel: CellKernel;
  readonly #fields: CellFields;
  readonly #names: readonly string[];
  #maker: RecordMaker | undefined;
  #make: ((row: number) => unknown) | undefined;
  #rows = 0;
  #row = -1;
  /** Records that are left to the caller, and how many there were when that began. */
  #waits = 0;
  #wait = 0;
  /** The row that `at` and `end` are of. */
  #found = -1;

  constructor(kernel: CellKernel, names: readonly string[], fields: CellFields) {
    this.#kernel = kernel;
    this.#fields = fields;
    this.#names = names;
  }

  /** Takes the records from `from` on, up to one that needs a closer look; false if that is the first. */
  read(chunk: Buffer, from: number): boolean {
    this.clear();
    const kernel = this.#kernel;
    if (this.#waits > 0) this.#waits--;
    if (this.#waits > 0 || !kernel.holds(chunk)) return false;
    kernel.read(chunk, from, 0);
    const { rows, next } = kernel;
    this.#wait = rows >= FEW ? 0 : Math.min(LONGEST_WAIT, this.#wait * 2 || FIRST_WAIT);
    this.#waits = this.#wait;
    if (rows === 0) return false;
    this.#rows = rows;
    this.next = next;
    this.end = from;
    this.#maker ??= recordMaker(this.#names);
    this.#make = this.#maker(kernel.builders.map((builder) => getterOf(builder.take(rows), rows)));
    return true;
  }

  /** Forgets what was read. */
  clear(): void {
    this.#rows = 0;
    this.#row = this.#found = -1;
    this.#make = undefined;
  }

  /** Goes to the next record; false behind the last. */
  step(): boolean {
    return ++this.#row < this.#rows;
  }

  get isOpen(): boolean {
    return this.#row >= 0 && this.#row < this.#rows;
  }

  record(): unknown {
    return this.#make!(this.#row);
  }

  /** Records follow one another without blank lines. */
  find(chunk: Buffer): this {
    for (; this.#found < this.#row; this.#found++) {
      this.at = this.end;
      this.end = this.#fields.indexOne(chunk, this.at);
    }
    return this;
  }
}

function getterOf(values: CellValues, rows: number): Getter {
  if (values instanceof Float64Array) return (row) => values[row];
  if (values instanceof BigInt64Array) return (row) => values[row];
  if (values instanceof Int32Array) return (row) => values[row];
  if ("bytes" in values) return columnTexts({ kind: "bytes", offsets: values.offsets, bytes: values.bytes }, rows);
  return (row) => values.get(row);
}
