/**
 * Brings keys that a reader has numbered into a combine table. Where an aggregate is a summary of numbers, rows are folded
 * by the reader's codes, and the table gets the partial results once no more rows have these codes. Else each distinct key is
 * looked up once, and its rows take the table's code. As long as both have met the keys in one order, the codes are the same already.
 */
import { isUtf8 } from "node:buffer";
import { ByteSink } from "../columnar/byte-sink.js";
import { decodeUtf8 } from "../columnar/codec.js";
import type { SummaryPart } from "../columnar/aggregates/aggregate-state.js";
import { KernelSummaries } from "../columnar/aggregates/kernel-summaries.js";
import type { CodedTexts } from "../columnar/coded-texts.js";
import type { BytesColumn, Column } from "../columnar/columns.js";
import type { CombineTable } from "./combine-table.js";

export class CodedKeys {
  readonly #table: CombineTable;
  readonly #summaries: KernelSummaries | undefined;
  /** Keys whose rows are in the summaries, and how many those are. */
  #summarised: CodedTexts | undefined;
  #pairs = 0;
  /** The table's code of each of the reader's. */
  #codes = new Int32Array(0);
  #known = 0;
  #isSame = true;
  #epoch = -1;
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
      this.#pairs += keys.length;
    } else this.#addRows(keys, values);
    if (keys.isLast) this.flush(false);
  }

  /** Hands over what is in the summaries. `isLast` says that the table is flushed next. */
  flush(isLast: boolean): void {
    if (this.#summarised === undefined) return;
    const { size } = this.#summarised;
    this.#table.addPartials({ rows: size, keys: keysFrom(this.#summarised, 0), values: this.#summaries!.export() }, this.#pairs, isLast);
    this.#summaries!.clear();
    this.#summarised = undefined;
    this.#pairs = 0;
  }

  #addRows(keys: CodedTexts, values: readonly Column[]): void {
    const { length } = keys;
    if (!this.#table.bypasses) return this.#table.addCoded(this.#translate(keys), values, length);
    this.#table.add({ rows: length, keys: spelledOut(keys), values });
  }

  #translate(keys: CodedTexts): Int32Array {
    const { codes, length, size, epoch } = keys;
    if (epoch !== this.#epoch || this.#table.flushes !== this.#flushes) {
      this.#epoch = epoch;
      this.#flushes = this.#table.flushes;
      this.#known = 0;
      this.#isSame = true;
    }
    if (size > this.#known) this.#learn(keys);
    if (this.#isSame) return codes;
    if (this.#translated.length < length) this.#translated = new Int32Array(length);
    for (let row = 0; row < length; row++) this.#translated[row] = this.#codes[codes[row]!]!;
    return this.#translated;
  }

  #learn(keys: CodedTexts): void {
    const { size } = keys;
    const known = this.#known;
    if (this.#codes.length < size) {
      const grown = new Int32Array(2 * size);
      grown.set(this.#codes);
      this.#codes = grown;
    }
    const fresh = this.#codes.subarray(known, size);
    this.#table.encode(keysFrom(keys, known), size - known, fresh);
    for (let i = 0; i < fresh.length && this.#isSame; i++) this.#isSame = fresh[i] === known + i;
    this.#known = size;
  }
}

/** Distinct keys from a code on. */
function keysFrom({ texts, size, isEncoded }: CodedTexts, code: number): BytesColumn {
  const keys: BytesColumn = { kind: "bytes", offsets: texts.offsets.subarray(code, size + 1), bytes: texts.bytes };
  return isEncoded ? keys : wellFormed(keys, size - code);
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
