import test from "ava";
import { tableFromIPC } from "apache-arrow";
import { ByteSink } from "../columnar/byte-sink.js";
import { csv, files, jsonl, records, text, tsv, type Input } from "../job/dataset.js";
import { t } from "../job/data-type.js";
import { createArrowEncoder } from "./arrow-encoder.js";
import { shardPlan } from "./shard-schema.js";

function shard({ input }: Input<unknown>, rows: readonly unknown[]): { columns: string[]; rows: unknown[] } {
  const plan = shardPlan(input);
  const encoder = createArrowEncoder(plan.output);
  const out = new ByteSink();
  encoder.begin(out);
  for (const row of rows) encoder.encode(plan.toRow(row), out);
  encoder.end(out);
  const table = tableFromIPC(out.view());
  return { columns: table.schema.fields.map(String), rows: table.toArray().map((row) => Object.values(row.toJSON())) };
}

test("lines, whole files and fixed-size records have columns of their own", (assert) => {
  assert.deepEqual(shard(text(), ["a", ""]), { columns: ["line: Utf8"], rows: [["a"], [""]] });
  assert.deepEqual(shard(records(2), [Uint8Array.of(1, 2)]), { columns: ["record: Binary"], rows: [[Uint8Array.of(1, 2)]] });
  assert.deepEqual(shard(files(), [{ path: "p", text: "x", bytes: Uint8Array.of(120) }]), { columns: ["path: Utf8", "bytes: Binary"], rows: [["p", Uint8Array.of(120)]] });
});

test("a schema types the columns of CSV and JSON lines", (assert) => {
  const schema = { name: t.utf8(), n: t.int64({ as: "number" }).nullable() };
  const rows = [{ name: "a", n: 1 }, { name: "b", n: null }];
  for (const dataset of [csv(schema), tsv(schema), jsonl(schema)]) {
    assert.deepEqual(shard(dataset, rows), { columns: ["name: Utf8", "n: Int64"], rows: [["a", 1n], ["b", null]] });
  }
});

test("CSV without a schema gives strings by header, or by number", (assert) => {
  assert.deepEqual(shard(csv(), [{ a: "1", b: "x" }]), { columns: ["a: Utf8", "b: Utf8"], rows: [["1", "x"]] });
  assert.deepEqual(shard(tsv(), [["1", "x"]]), { columns: ["column1: Utf8", "column2: Utf8"], rows: [["1", "x"]] });
});

test("free-form JSON is one column of JSON text", (assert) => {
  assert.deepEqual(shard(jsonl(), [{ a: [1] }, 5, null]), { columns: ["value: Utf8"], rows: [['{"a":[1]}'], ["5"], [null]] });
});
