/** Rows under a reader's codes come to the same groups as the rows themselves, whatever way they take. */
import test from "ava";
import fc from "fast-check";
import { createAggregate } from "../columnar/aggregates/create-aggregate.js";
import type { CodedTexts } from "../columnar/coded-texts.js";
import type { Column } from "../columnar/columns.js";
import { KeyTable } from "../columnar/key-table.js";
import { newKernels } from "../columnar/kernels/wasm.js";
import { valueLayout } from "../columnar/value-layout.js";
import type { AggregatorSpec } from "../model/job-spec.js";
import { CodedKeys } from "./coded-keys.js";
import { CombineTable } from "./combine-table.js";

const LAYOUT = valueLayout({ kind: "float64", nullable: false }, false);
const SUMMARY: AggregatorSpec = { kind: "struct", fields: [{ name: "n", aggregator: { kind: "count" } }, { name: "sum", aggregator: { kind: "sum" } }, { name: "least", aggregator: { kind: "min" } }] };
const ORDERED: AggregatorSpec = { kind: "struct", fields: [{ name: "n", aggregator: { kind: "count" } }, { name: "first", aggregator: { kind: "first" } }, { name: "last", aggregator: { kind: "last" } }] };
const CODES = 1 << 12;
const VALUES = 1 << 13;
const RECORDS = 1 << 14;
const STRIDE = 64;
const SCRATCH = 1 << 15;

/** Rows of (text, value). Codes are given anew behind the chunk where `isLast`. */
interface Chunk {
  readonly rows: readonly (readonly [key: Buffer, value: number])[];
  readonly isLast: boolean;
  readonly inKernel: boolean;
  /** Comes to the dictionary ahead of the rows, though none may have it. */
  readonly stray?: Buffer | undefined;
}

const kernels = newKernels(1 << 16);
const keys = fc.constantFrom("a", "b", "", "oslo", "a key of more than sixteen bytes").map((text) => Buffer.from(text));
// Two that are no UTF-8, and alike once they are made so.
const key = fc.oneof({ weight: 8, arbitrary: keys }, { weight: 1, arbitrary: fc.constantFrom(Buffer.of(0xff), Buffer.of(0xfe)) });
const chunks = fc.array(fc.record({ rows: fc.array(fc.tuple(key, fc.integer({ min: -99, max: 99 })), { maxLength: 20 }), isLast: fc.boolean(), inKernel: fc.boolean() }), { maxLength: 8 });

/** Numbers keys as a reader does. */
class Reader {
  readonly #isEncoded: boolean;
  #texts: Buffer[] = [];
  #epoch = 0;

  constructor(isEncoded: boolean) {
    this.#isEncoded = isEncoded;
  }

  read({ rows, isLast, inKernel, stray }: Chunk): { keys: CodedTexts; values: Column[] } {
    const { buffer } = kernels.memory;
    const codes = new Int32Array(buffer, CODES, rows.length);
    const values = inKernel ? new Float64Array(buffer, VALUES, rows.length) : new Float64Array(rows.length);
    if (stray !== undefined) this.#codeOf(stray);
    rows.forEach(([text, value], row) => {
      codes[row] = this.#codeOf(text);
      values[row] = value;
    });
    const offsets = Int32Array.from([0, ...this.#texts.map((_, i) => this.#texts.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0))]);
    const texts = { kind: "bytes" as const, offsets, bytes: Buffer.concat(this.#texts) };
    const coded: CodedTexts = { length: rows.length, codes, texts, size: this.#texts.length, isEncoded: this.#isEncoded, room: { kernels, records: RECORDS, stride: STRIDE, scratch: SCRATCH }, isLast, epoch: this.#epoch, get: String };
    if (isLast) {
      this.#texts = [];
      this.#epoch++;
    }
    return { keys: coded, values: [{ kind: "float64", values }] };
  }

  #codeOf(text: Buffer): number {
    const code = this.#texts.findIndex((known) => known.equals(text));
    if (code >= 0) return code;
    const fresh = this.#texts.push(text) - 1;
    kernels.memory.fill(0, RECORDS + fresh * STRIDE, RECORDS + (fresh + 1) * STRIDE);
    return fresh;
  }
}

/** By the bytes of keys. */
function grouped(spec: AggregatorSpec, all: readonly Chunk[], budget: number, isEncoded: boolean): Map<string, unknown> {
  const numbers = new KeyTable(7);
  const total = createAggregate(spec, LAYOUT);
  const state = createAggregate(spec, LAYOUT);
  const table = new CombineTable(new KeyTable(7), state, budget, ({ rows, keys: spilled, values }) => {
    const codes = new Int32Array(rows);
    numbers.encode(spilled, rows, codes);
    total.grow(numbers.size);
    total.merge(codes, values, rows);
  });
  const coded = new CodedKeys(table, state.summary);
  const reader = new Reader(isEncoded);
  for (const chunk of all) {
    const { keys: read, values } = reader.read(chunk);
    coded.add(read, values);
  }
  coded.flush(true);
  table.flush();
  const { offsets, bytes } = numbers.keys();
  return new Map(Array.from({ length: numbers.size }, (_, group) => [Buffer.from(bytes.subarray(offsets[group], offsets[group + 1])).toString("latin1"), total.finish(group)]));
}

const sorted = (groups: ReadonlyMap<string, unknown>): unknown[] => [...groups].sort(([a], [b]) => (a < b ? -1 : 1));

/** The same, plainly. */
function expected(all: readonly Chunk[], isEncoded: boolean, fold: (values: readonly number[]) => unknown): Map<string, unknown> {
  const groups = new Map<string, number[]>();
  for (const [bytes, value] of all.flatMap(({ rows }) => rows)) {
    // Texts are grouped as the strings that they become.
    const text = (isEncoded ? bytes : Buffer.from(bytes.toString())).toString("latin1");
    groups.set(text, [...(groups.get(text) ?? []), value]);
  }
  return new Map([...groups].map(([text, values]) => [text, fold(values)]));
}

const summaryOf = (values: readonly number[]): unknown => ({ n: values.length, sum: values.reduce((sum, value) => sum + value, 0), least: Math.min(...values) });

test("groups of rows in a kernel, of rows elsewhere and of both, over many dictionaries, are those of all rows", (t) => {
  fc.assert(
    fc.property(chunks, fc.constantFrom(1, 300, 1 << 20), fc.boolean(), (all, budget, isEncoded) => {
      t.deepEqual(sorted(grouped(SUMMARY, all, budget, isEncoded)), sorted(expected(all, isEncoded, summaryOf)));
    }),
    { numRuns: 300 },
  );
});

test("keys of a dictionary that no row has, or none since the table was emptied, make no group and change none", (t) => {
  fc.assert(
    fc.property(chunks, fc.array(fc.option(key, { nil: undefined }), { minLength: 8, maxLength: 8 }), fc.constantFrom(1, 300, 1 << 20), fc.boolean(), (all, strays, budget, isEncoded) => {
      const strayed = all.map((chunk, i) => ({ ...chunk, stray: strays[i] }));
      const ordered = expected(all, isEncoded, (values) => ({ n: values.length, first: values[0], last: values.at(-1) }));
      t.deepEqual(sorted(grouped(ORDERED, strayed, budget, isEncoded)), sorted(ordered));
      t.deepEqual(sorted(grouped(SUMMARY, strayed, budget, isEncoded)), sorted(expected(all, isEncoded, summaryOf)));
    }),
    { numRuns: 300 },
  );
});
