/** Summaries in a kernel give what the states do that are their twins, to the bit. */
import test from "ava";
import fc from "fast-check";
import type { AggregatorSpec } from "../../model/job-spec.js";
import type { TypeSpec } from "../../model/type-spec.js";
import type { CodedTexts } from "../coded-texts.js";
import type { Column } from "../columns.js";
import { newKernels } from "../kernels/wasm.js";
import { rowNumbers } from "../row-numbers.js";
import { valueLayout } from "../value-layout.js";
import { createAggregate } from "./create-aggregate.js";
import { KernelSummaries } from "./kernel-summaries.js";

const float64: TypeSpec = { kind: "float64", nullable: false };
const LAYOUT = valueLayout({ kind: "struct", nullable: false, fields: [{ name: "a", type: float64 }, { name: "b", type: float64 }] }, true);

const member = (name: string, aggregator: AggregatorSpec) => ({ name, aggregator });
const SPECS: readonly AggregatorSpec[] = [
  { kind: "count" },
  { kind: "sum", field: "b" },
  { kind: "max", field: "a" },
  { kind: "struct", fields: [member("least", { kind: "min", field: "a" }), member("mean", { kind: "mean", field: "a" }), member("most", { kind: "max", field: "a" })] },
  { kind: "struct", fields: [member("mean", { kind: "mean", field: "b" }), member("rows", { kind: "count" }), member("sum", { kind: "sum", field: "b" }), member("least", { kind: "min", field: "a" })] },
];

const GROUPS = 5;
const CODES = 1 << 14;
const VALUES = 1 << 15;
const RECORDS = 1 << 16;

const doubles = fc.oneof(fc.double(), fc.integer({ min: -1000, max: 1000 }).map((n) => n / 10), fc.constantFrom(1e308, -1e308, 1e-320, 2 ** 53, 1, -0, 0, NaN, Infinity, -Infinity));
const rows = fc.array(fc.record({ group: fc.nat(GROUPS - 1), a: doubles, b: doubles }), { minLength: 1, maxLength: 30 });
const kernels = newKernels(1 << 17);
kernels.memory.fill(255);

/** The rows in kernel memory, with all groups known from the start. */
function placed(chunk: readonly { group: number; a: number; b: number }[]): { keys: CodedTexts; values: Column[] } {
  const { buffer } = kernels.memory;
  const codes = new Int32Array(buffer, CODES, chunk.length);
  codes.set(chunk.map(({ group }) => group));
  const values = (["a", "b"] as const).map((name, i) => {
    const column = new Float64Array(buffer, VALUES + i * 4096, chunk.length);
    column.set(chunk.map((row) => row[name]));
    return { kind: "float64" as const, values: column };
  });
  const texts = { kind: "bytes" as const, offsets: new Int32Array(GROUPS + 1), bytes: new Uint8Array(0) };
  return { keys: { length: chunk.length, codes, texts, size: GROUPS, room: { kernels, records: RECORDS }, isLast: false, epoch: 1, get: String }, values };
}

for (const spec of SPECS) {
  test(`${JSON.stringify(spec)} by group`, (t) => {
    const summaries = new KernelSummaries(createAggregate(spec, LAYOUT).summary!);
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 4 }), (chunks) => {
        const plain = createAggregate(spec, LAYOUT);
        plain.grow(GROUPS);
        for (const chunk of chunks) {
          const { keys, values } = placed(chunk);
          t.true(summaries.takes(keys, values));
          plain.add(keys.codes, values, chunk.length);
          summaries.add(keys, values);
        }
        const exported = summaries.export();
        t.deepEqual(exported.map(({ kind }) => kind), [...plain.kinds]);
        summaries.clear();
        const merged = createAggregate(spec, LAYOUT);
        merged.grow(GROUPS);
        merged.merge(rowNumbers(GROUPS), exported, GROUPS);
        // t.is and t.deepEqual tell -0 from 0.
        for (let group = 0; group < GROUPS; group++) t.deepEqual(merged.finish(group), plain.finish(group));
      }),
      { numRuns: 300 },
    );
  });
}

test("what is no summary of columns of doubles says so", (t) => {
  const nullable: TypeSpec = { kind: "float64", nullable: true };
  const layout = valueLayout({ kind: "struct", nullable: false, fields: [{ name: "a", type: nullable }, { name: "b", type: { kind: "int64", as: "bigint", nullable: false } }] }, true);
  for (const spec of [{ kind: "sum", field: "a" }, { kind: "sum", field: "b" }, { kind: "max", field: "b" }, { kind: "first", field: "a" }, { kind: "struct", fields: [member("n", { kind: "count" }), member("s", { kind: "sum", field: "a" })] }] as const) {
    t.is(createAggregate(spec, layout).summary, undefined, JSON.stringify(spec));
  }
});
