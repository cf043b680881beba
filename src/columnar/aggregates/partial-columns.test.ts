/** Partial results and results made of whole columns are those that the states make. */
import test from "ava";
import fc from "fast-check";
import type { AggregatorSpec } from "../../model/job-spec.js";
import type { TypeSpec } from "../../model/type-spec.js";
import { FLOAT, INTEGERS, member, structLayout } from "../../testing/aggregated-columns.js";
import { rowNumbers } from "../row-numbers.js";
import { ValueColumns } from "../value-columns.js";
import type { Column, ResultColumn } from "../columns.js";
import type { AggregateState } from "./aggregate-state.js";
import { createAggregate } from "./create-aggregate.js";

const TYPES: Readonly<Record<string, TypeSpec>> = { a: FLOAT, maybe: { ...FLOAT, nullable: true }, ...INTEGERS };
const LAYOUT = structLayout(TYPES);

const SPECS: readonly AggregatorSpec[] = [
  { kind: "count" },
  { kind: "sum", field: "a" },
  { kind: "sum", field: "maybe" },
  { kind: "sum", field: "big" },
  { kind: "sum", field: "safe" },
  { kind: "mean", field: "a" },
  { kind: "mean", field: "maybe" },
  { kind: "mean", field: "safe" },
  { kind: "min", field: "a" },
  { kind: "max", field: "n" },
  { kind: "first", field: "a" },
  { kind: "struct", fields: [member("sum", { kind: "sum", field: "big" }), member("mean", { kind: "mean", field: "n" }), member("rows", { kind: "count" }), member("most", { kind: "max", field: "a" })] },
  { kind: "struct", fields: [member("sum", { kind: "sum", field: "a" }), member("mean", { kind: "mean", field: "maybe" })] },
];

const doubles = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -1000, max: 1000 }).map((n) => n / 10) }, { weight: 1, arbitrary: fc.constantFrom(1e308, -1e308, 1e-320, 2 ** 53, -0, NaN, Infinity) });
const row = fc.record({ a: doubles, maybe: fc.option(doubles), n: fc.integer(), big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), safe: fc.integer() });
const rows = fc.array(row, { minLength: 1, maxLength: 12 });

/** The results of all rows as one group, and of each as its own; or what is wrong with one. */
function results(spec: AggregatorSpec, partials: readonly Column[], count: number): unknown[] {
  const [all, each] = [createAggregate(spec, LAYOUT), createAggregate(spec, LAYOUT)] as const;
  all.grow(1);
  all.merge(new Int32Array(count), partials, count);
  each.grow(count);
  each.merge(rowNumbers(count), partials, count);
  return [resultOf(all, 0), ...Array.from({ length: count }, (_, group) => resultOf(each, group))];
}

function resultOf(state: AggregateState, group: number): unknown {
  try {
    return state.finish(group);
  } catch (error) {
    return (error as Error).message;
  }
}

function placed(given: readonly unknown[]): readonly Column[] {
  const values = new ValueColumns(LAYOUT);
  for (const value of given) values.append(value);
  return values.columns();
}

for (const spec of SPECS) {
  test(`columns of ${JSON.stringify(spec)}`, (t) => {
    const isStruct = spec.kind === "struct";
    const counts = { partials: 0, results: 0 };
    fc.assert(
      fc.property(rows, (given) => {
        const count = given.length;
        const values = placed(given);
        const state = createAggregate(spec, LAYOUT);
        state.grow(count);
        state.add(rowNumbers(count), values, count);
        const exported = state.export(rowNumbers(count), count);
        const made = state.partialsOf?.(values, count);
        if (made !== undefined) {
          counts.partials++;
          t.deepEqual(made.map(({ kind }) => kind), [...state.kinds]);
          t.deepEqual(results(spec, made, count), results(spec, exported, count));
        }
        const columns: ResultColumn[] | undefined = state.finishPartials?.(exported, count);
        if (columns === undefined) return;
        counts.results++;
        const cells = Array.from({ length: count }, (_, each) => columns.map((column) => (column as { values: ArrayLike<unknown> }).values[each]));
        t.deepEqual(cells, Array.from({ length: count }, (_, each) => (isStruct ? Object.values(state.finish(each) as object) : [state.finish(each)])));
      }),
      { numRuns: 200 },
    );
    t.is(counts.partials > 0, !JSON.stringify(spec).match(/maybe|first/));
    t.is(counts.results > 0, !JSON.stringify(spec).match(/safe|first/));
  });
}
