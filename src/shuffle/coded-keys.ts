/**
 * Brings keys that a reader has numbered into a combine table. Where an aggregate is a summary of numbers, rows are folded
 * by the reader's codes, and the table gets the partial results once no more rows have these codes. Else each distinct key is
 * looked up once, and its rows take the table's code.
 */
import { isUtf8 } from "node:buffer";
import { ByteSink } from "../columnar/byte-sink.js";
import { decodeUtf8 } from "../columnar/codec.js";
import type { SummaryPart } from "../columnar/aggregates/aggregate-state.js";
import { KernelSummaries } from "../columnar/aggregates/kernel-summaries.js";
import { RECORDS_AT_ONCE, type CodedTexts } from "../columnar/coded-texts.js";
import type { BytesColumn, Column, ColumnBatch } from "../columnar/columns.js";
import { gatherBatch, gatherBytes } from "../columnar/gather.js";
import { rowNumbers } from "../columnar/row-numbers.js";
import type { CombineTable } from "./combine-table.js";

const UNKNOWN = -1;
const ASKED = -2;

export class CodedKeys {
  readonly #table: CombineTable;
  readonly #summaries: KernelSummaries | undefined;
  /** Keys whose rows are in the summaries. */
  #summarised: CodedTexts | undefined;
  /** The table's code of each of the reader's, where a row had that since both met. */
  #codes = new Int32Array(0);
  #epoch: unknown;
  #flushes = -1;
  #translated = new Int32Array(0);

  constructor(table: CombineTable, summary: readonly SummaryPart[] | undefined) {
    this.#table = table;
    this.#summaries = summary && new KernelSummaries(summary);
  }

  get recordBytes(): number {
    return this.#summaries?.recordBytes ?? 0;
  }

  add(keys: CodedTexts, values: readonly Column[]): void {
    if (this.#summaries?.takes(keys, values)) {
      this.#summaries.add(keys, values);
      this.#summarised = keys;
    } else this.#addRows(keys, values);
    if (keys.isLast) this.flush(false);
  }

  /** Hands over what is in the summaries. `isLast` says that the table is flushed next. */
  flush(isLast: boolean): void {
    if (this.#summarised === undefined) return;
    const { texts, size, isEncoded } = this.#summarised;
    const keys = isEncoded ? texts : wellFormed(texts, size);
    // Some at a time, which stay in the cache until they have been copied to their partitions.
    for (let first = 0; first < size; first += RECORDS_AT_ONCE) {
      const rows = Math.min(RECORDS_AT_ONCE, size - first);
      const some: BytesColumn = { kind: "bytes", offsets: keys.offsets.subarray(first, first + rows + 1), bytes: keys.bytes };
      this.#handOver({ rows, keys: some, values: this.#summaries!.export(first, rows) }, this.#summaries!.counts(first, rows), isLast);
    }
    this.#summaries!.clear();
    this.#summarised = undefined;
  }

  /** Keys of the dictionary that no row had are left out: all their records failed a condition. */
  #handOver(batch: ColumnBatch, counts: Float64Array, isLast: boolean): void {
    const pairs = counts.reduce((sum, count) => sum + count, 0);
    const isThere = rowNumbers(batch.rows).filter((row) => counts[row]! > 0);
    if (isThere.length > 0) this.#table.addPartials(isThere.length === batch.rows ? batch : gatherBatch(batch, isThere, 0, isThere.length), pairs, isLast);
  }

  #addRows(keys: CodedTexts, values: readonly Column[]): void {
    const { length } = keys;
    if (!this.#table.bypasses) return this.#table.addCoded(this.#translate(keys), values, length);
    this.#table.add({ rows: length, keys: spelledOut(keys), values });
  }

  /** The table's codes of the rows. Keys of the dictionary that none of them has are no groups: rows that had them may be in the table no more, or failed a condition. */
  #translate(keys: CodedTexts): Int32Array {
    const { codes, length, size, epoch } = keys;
    if (epoch !== this.#epoch || this.#table.flushes !== this.#flushes) {
      this.#epoch = epoch;
      this.#flushes = this.#table.flushes;
      this.#codes.fill(UNKNOWN);
    }
    this.#makeRoom(size, length);
    const known = this.#codes;
    const translated = this.#translated;
    const fresh: number[] = [];
    for (let row = 0; row < length; row++) {
      const code = codes[row]!;
      const own = known[code]!;
      if (own === UNKNOWN) {
        known[code] = ASKED;
        fresh.push(code);
      }
      translated[row] = own;
    }
    if (fresh.length === 0) return translated;
    this.#learn(keys, Int32Array.from(fresh));
    for (let row = 0; row < length; row++) translated[row] = known[codes[row]!]!;
    return translated;
  }

  #makeRoom(size: number, length: number): void {
    if (this.#codes.length < size) {
      const grown = new Int32Array(2 * size).fill(UNKNOWN);
      grown.set(this.#codes);
      this.#codes = grown;
    }
    if (this.#translated.length < length) this.#translated = new Int32Array(length);
  }

  #learn({ texts, isEncoded }: CodedTexts, fresh: Int32Array): void {
    const { length } = fresh;
    const own = new Int32Array(length);
    const keys = gatherBytes(texts, fresh, 0, length);
    this.#table.encode(isEncoded ? keys : wellFormed(keys, length), length, own);
    for (let i = 0; i < length; i++) this.#codes[fresh[i]!] = own[i]!;
  }
}

/** The same texts as UTF-8: what is none becomes U+FFFD, as it does in a string. */
export function wellFormed(texts: BytesColumn, rows: number): BytesColumn {
  const { offsets, bytes } = texts;
  if (isUtf8(bytes.subarray(offsets[0], offsets[rows]))) return texts;
  const sink = new ByteSink();
  const ends = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    sink.utf8(decodeUtf8(bytes, offsets[row]!, offsets[row + 1]!));
    ends[row + 1] = sink.length;
  }
  return { kind: "bytes", offsets: ends, bytes: sink.bytes };
}

function spelledOut({ codes, length, texts, isEncoded }: CodedTexts): BytesColumn {
  const sink = new ByteSink();
  const offsets = new Int32Array(length + 1);
  for (let row = 0; row < length; row++) {
    const code = codes[row]!;
    sink.append(texts.bytes.subarray(texts.offsets[code], texts.offsets[code + 1]));
    offsets[row + 1] = sink.length;
  }
  const keys: BytesColumn = { kind: "bytes", offsets, bytes: sink.bytes };
  return isEncoded ? keys : wellFormed(keys, length);
}
