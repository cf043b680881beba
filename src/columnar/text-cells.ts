/**
 * Texts on their way into a column of UTF-8. V8 keeps most of them as slices of another string, of which each character takes several ns to
 * read, and encodes what is not ASCII slowly: so they are chained to one string, about 25 ns each, and a kernel encodes the chain.
 */
import { ByteSink } from "./byte-sink.js";
import { showValue } from "../model/show-value.js";
import type { BytesColumn } from "./columns.js";
import { hasKernels } from "./kernels/wasm.js";
import { appendTexts, MOST_UNITS } from "./text-kernel.js";

/** Of a chain: what is written stays in the cache until the kernel reads it. */
const CHAIN_UNITS = 1 << 15;
const CHAIN_TEXTS = 1 << 12;
/** Room with the first text; it doubles. */
const FEWEST_ROWS = 64;
const NO_TEXTS = new Int32Array(1);

export class TextCells {
  readonly #sink = new ByteSink();
  #offsets = NO_TEXTS;
  /** Rows that are encoded. */
  #rows = 0;
  #chain = "";
  #lengths = NO_TEXTS;
  #chained = 0;

  get bytes(): number {
    return this.#sink.length + 2 * this.#chain.length + 4 * (this.#rows + this.#chained);
  }

  append(text: unknown): void {
    if (typeof text !== "string") throw new TypeError(`expected utf8, got ${showValue(text)}`);
    if (!hasKernels || text.length > MOST_UNITS - CHAIN_UNITS) return this.#appendAlone(text);
    if (this.#chained + 1 >= this.#lengths.length) this.#lengths = grown(this.#lengths);
    this.#lengths[this.#chained++] = text.length;
    this.#chain += text;
    if (this.#chain.length >= CHAIN_UNITS || this.#chained === CHAIN_TEXTS) this.#encode();
  }

  truncate(rows: number): void {
    if (rows >= this.#rows + this.#chained) return;
    if (rows > this.#rows) this.#encode();
    this.#chain = "";
    this.#chained = 0;
    this.#rows = rows;
    this.#sink.length = this.#offsets[rows]!;
  }

  column(): BytesColumn {
    this.#encode();
    return { kind: "bytes", offsets: this.#offsets, bytes: this.#sink.bytes };
  }

  #encode(): void {
    const count = this.#chained;
    if (count === 0) return;
    const start = this.#sink.length;
    const ends = appendTexts(this.#chain, this.#lengths, count, this.#sink);
    while (this.#rows + count >= this.#offsets.length) this.#offsets = grown(this.#offsets);
    const offsets = this.#offsets;
    for (let i = 0, row = this.#rows + 1; i < count; i++, row++) offsets[row] = start + ends[i]!;
    this.#rows += count;
    this.#chain = "";
    this.#chained = 0;
  }

  /** Without kernels, or a text that is longer than they take. */
  #appendAlone(text: string): void {
    this.#encode();
    this.#sink.utf8(text);
    if (++this.#rows === this.#offsets.length) this.#offsets = grown(this.#offsets);
    this.#offsets[this.#rows] = this.#sink.length;
  }
}

function grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(FEWEST_ROWS, numbers.length * 2));
  larger.set(numbers);
  return larger;
}
