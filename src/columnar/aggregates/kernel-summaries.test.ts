/** Summaries in a kernel give what the states do that are their twins, to the bit. */
import test from "ava";
import fc from "fast-check";
import type { AggregatorSpec } from "../../model/job-spec.js";
import type { TypeSpec } from "../../model/type-spec.js";
import { FLOAT, INTEGERS, MAYBE, member, structLayout } from "../../testing/aggregated-columns.js";
import type { CodedTexts } from "../coded-texts.js";
import type { Column } from "../columns.js";
import { newKernels } from "../kernels/wasm.js";
import { BytesOfNumbers } from "../encoded-numbers.js";
import { Float64OfInt32, Int64OfFloat64 } from "../made-columns.js";
import { rowNumbers } from "../row-numbers.js";
import type { AggregateState } from "./aggregate-state.js";
import { createAggregate } from "./create-aggregate.js";
import { KernelSummaries } from "./kernel-summaries.js";

const TYPES: Readonly<Record<string, TypeSpec>> = { a: FLOAT, b: FLOAT, ...INTEGERS, ...MAYBE };
const LAYOUT = structLayout(TYPES);

const SPECS: readonly AggregatorSpec[] = [
  { kind: "count" },
  { kind: "sum", field: "b" },
  { kind: "max", field: "a" },
  { kind: "struct", fields: [member("least", { kind: "min", field: "a" }), member("mean", { kind: "mean", field: "a" }), member("most", { kind: "max", field: "a" })] },
  { kind: "struct", fields: [member("mean", { kind: "mean", field: "b" }), member("rows", { kind: "count" }), member("sum", { kind: "sum", field: "b" }), member("least", { kind: "min", field: "a" })] },
  { kind: "sum", field: "n" },
  { kind: "struct", fields: [member("least", { kind: "min", field: "n" }), member("mean", { kind: "mean", field: "n" }), member("most", { kind: "max", field: "n" })] },
  { kind: "sum", field: "big" },
  { kind: "sum", field: "safe" },
  { kind: "mean", field: "safe" },
  { kind: "struct", fields: [member("mean", { kind: "mean", field: "big" }), member("least", { kind: "min", field: "big" }), member("most", { kind: "max", field: "safe" }), member("sum", { kind: "sum", field: "a" })] },
];

const NULLABLE: readonly AggregatorSpec[] = [
  ...Object.keys(MAYBE).flatMap((field) => (["sum", "mean", "min", "max"] as const).map((kind): AggregatorSpec => ({ kind, field }))),
  { kind: "struct", fields: [member("rows", { kind: "count" }), member("mean", { kind: "mean", field: "maybe_a" }), member("least", { kind: "min", field: "maybe_a" }), member("sum", { kind: "sum", field: "a" }), member("most", { kind: "max", field: "maybe_n" })] },
  { kind: "struct", fields: [member("most", { kind: "max", field: "maybe_big" }), member("sum", { kind: "sum", field: "maybe_big" }), member("least", { kind: "min", field: "big" })] },
];

const GROUPS = 5;
const CODES = 1 << 14;
const VALUES = 1 << 15;
const COLUMN = 1 << 12;
const RECORDS = 1 << 16;
const STRIDE = 128;
const SCRATCH = RECORDS + GROUPS * STRIDE;

const doubles = fc.oneof(fc.double(), fc.integer({ min: -1000, max: 1000 }).map((n) => n / 10), fc.constantFrom(1e308, -1e308, 1e-320, 2 ** 53, 1, -0, 0, NaN, Infinity, -Infinity));
const bigs = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 9n }), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n));
const safe = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const row = fc.record({ group: fc.nat(GROUPS - 1), a: doubles, b: doubles, n: fc.integer(), big: bigs, safe, isNull: fc.boolean() });
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;
const rows = fc.array(row, { minLength: 1, maxLength: 30 });
const kernels = newKernels(1 << 17);
kernels.memory.fill(255);

/** The rows in kernel memory, with all groups known from the start. */
function placed(chunk: readonly Row[]): { keys: CodedTexts; values: Column[] } {
  const { buffer } = kernels.memory;
  const codes = new Int32Array(buffer, CODES, chunk.length);
  codes.set(chunk.map(({ group }) => group));
  const doublesAt = (place: number, name: "a" | "b" | "safe"): Float64Array => {
    const column = new Float64Array(buffer, VALUES + place * COLUMN, chunk.length);
    column.set(chunk.map((each) => each[name]));
    return column;
  };
  const narrow = new Int32Array(buffer, VALUES + 2 * COLUMN, chunk.length);
  narrow.set(chunk.map(({ n }) => n));
  const wide = new BigInt64Array(buffer, VALUES + 3 * COLUMN, chunk.length);
  wide.set(chunk.map(({ big }) => big));
  const [a, b] = [doublesAt(0, "a"), doublesAt(1, "b")].map((values) => ({ kind: "float64" as const, values }));
  const integers = [new Float64OfInt32(narrow), { kind: "int64" as const, values: wide }, new Int64OfFloat64(doublesAt(4, "safe"))];
  const nulls = new Uint8Array(buffer, VALUES + 5 * COLUMN, chunk.length);
  nulls.set(chunk.map(({ isNull }) => Number(isNull)));
  const maybe = Object.values(MAYBE).map((type, i) => {
    const numbers = i === 3 ? new Int64OfFloat64(withGarbage(chunk)) : [a!, ...integers][i]!;
    return new BytesOfNumbers({ numbers, nulls }, type, chunk.length);
  });
  const values: Column[] = [a!, b!, ...integers, ...maybe];
  const texts = { kind: "bytes" as const, offsets: new Int32Array(GROUPS + 1), bytes: new Uint8Array(0) };
  return { keys: { length: chunk.length, codes, texts, size: GROUPS, room: { kernels, records: RECORDS, stride: STRIDE, scratch: SCRATCH }, isLast: false, epoch: 1, get: String }, values };
}

/** Safe integers, and what is none where they are null. */
function withGarbage(chunk: readonly Row[]): Float64Array {
  const numbers = new Float64Array(kernels.memory.buffer, VALUES + 6 * COLUMN, chunk.length);
  numbers.set(chunk.map(({ safe, isNull }) => (isNull ? 0.5 : safe)));
  return numbers;
}

/** The column without the numbers that it is made of. */
function encoded(column: Column): Column {
  return column.kind === "bytes" ? { kind: "bytes", offsets: column.offsets, bytes: column.bytes } : column;
}

/** The result, or what is wrong with it: a sum may leave its type. */
function resultOf(state: AggregateState, group: number): unknown {
  try {
    return state.finish(group);
  } catch (error) {
    return (error as Error).message;
  }
}

for (const spec of [...SPECS, ...NULLABLE]) {
  test(`${JSON.stringify(spec)} by group`, (t) => {
    const summaries = new KernelSummaries(createAggregate(spec, LAYOUT).summary!);
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 4 }), (chunks) => {
        const plain = createAggregate(spec, LAYOUT);
        plain.grow(GROUPS);
        // Records of new texts are zero.
        kernels.memory.fill(0, RECORDS, RECORDS + GROUPS * STRIDE);
        for (const [i, chunk] of chunks.entries()) {
          const { keys, values } = placed(chunk);
          t.true(summaries.takes(keys, values));
          plain.add(keys.codes, i % 2 === 0 ? values : values.map(encoded), chunk.length);
          summaries.add(keys, values);
        }
        const exported = summaries.export(0, GROUPS);
        t.deepEqual(exported.map(({ kind }) => kind), [...plain.kinds]);
        summaries.clear();
        const merged = createAggregate(spec, LAYOUT);
        merged.grow(GROUPS);
        merged.merge(rowNumbers(GROUPS), exported, GROUPS);
        // t.is and t.deepEqual tell -0 from 0.
        for (const group of new Set(chunks.flat().map((each) => each.group))) t.deepEqual(resultOf(merged, group), resultOf(plain, group));
      }),
      { numRuns: 300 },
    );
  });
}

test("what is no summary of columns of numbers says so", (t) => {
  for (const spec of [{ kind: "last", field: "b" }, { kind: "first", field: "a" }, { kind: "struct", fields: [member("n", { kind: "count" }), member("s", { kind: "last", field: "a" })] }] as const) {
    t.is(createAggregate(spec, LAYOUT).summary, undefined, JSON.stringify(spec));
  }
});

test("numbers that may be null, but of which nobody knows where the numbers lie, are not taken", (t) => {
  const summaries = new KernelSummaries(createAggregate({ kind: "sum", field: "maybe_a" }, LAYOUT).summary!);
  const { keys, values } = placed([{ group: 0, a: 1, b: 1, n: 1, big: 1n, safe: 1, isNull: false }]);
  t.true(summaries.takes(keys, values));
  t.false(summaries.takes(keys, values.map(encoded)));
});
