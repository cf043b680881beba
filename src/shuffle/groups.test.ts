import test from "ava";
import fc from "fast-check";
import { batchReader, keyReader } from "../columnar/value-reader.js";
import { bytesCells, ValueColumns } from "../columnar/value-columns.js";
import type { ColumnBatch } from "../columnar/columns.js";
import { valueLayout } from "../columnar/value-layout.js";
import type { TypeSpec } from "../model/type-spec.js";
import { groupsOf } from "./groups.js";

const TEXT: TypeSpec = { kind: "utf8", nullable: false };
const readers = { keys: keyReader(TEXT), values: batchReader(valueLayout(TEXT, false)) };
const key = fc.constantFrom("", "a", "aa", "ab", "é", "日本語", "\u{1f600}");

/** Rows in order, cut into batches at any places. */
const input = fc.tuple(fc.array(fc.tuple(key, fc.string({ maxLength: 5, unit: "grapheme" })), { maxLength: 60 }), fc.array(fc.nat(60), { maxLength: 8 }));

test("rows in order are groups, wherever batches end, and a reduce may stop early", (t) => {
  fc.assert(
    fc.property(input, fc.array(fc.nat(3), { minLength: 1 }), ([rows, cuts], taken) => {
      const sorted = rows.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const bounds = [0, ...cuts.map((cut) => Math.min(cut, rows.length)).sort((a, b) => a - b), rows.length];
      const batches = bounds.slice(1).map((end, i) => batchOf(sorted.slice(bounds[i], end)));
      const expected = [...groupBy(sorted)].map(([k, group], i) => ({ key: k, values: group.map(([, value]) => value).slice(0, mostOf(taken, i)) }));
      const got: { key: unknown; values: unknown[] }[] = [];
      for (const group of groupsOf(batches[Symbol.iterator](), readers)) {
        const values: unknown[] = [];
        const most = mostOf(taken, got.length);
        while (values.length < most) {
          const { value, done } = group.values.next();
          if (done === true) break;
          values.push(value);
        }
        if (most === Infinity) t.true(group.values.next().done);
        got.push({ key: group.key, values });
      }
      t.deepEqual(got, expected);
    }),
  );
});

/** 3 stands for all. */
function mostOf(taken: readonly number[], group: number): number {
  const most = taken[group % taken.length]!;
  return most === 3 ? Infinity : most;
}

function groupBy(rows: readonly (readonly [string, string])[]): Map<string, (readonly [string, string])[]> {
  const groups = new Map<string, (readonly [string, string])[]>();
  for (const row of rows) groups.set(row[0], [...(groups.get(row[0]) ?? []), row]);
  return groups;
}

function batchOf(rows: readonly (readonly [string, string])[]): ColumnBatch {
  const keys = bytesCells(TEXT);
  const values = new ValueColumns(valueLayout(TEXT, false));
  for (const [k, value] of rows) {
    keys.append(k);
    values.append(value);
  }
  return { rows: rows.length, keys: keys.column(), values: values.columns() };
}
