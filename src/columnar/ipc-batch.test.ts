import test from "ava";
import fc from "fast-check";
import { tableFromIPC } from "apache-arrow";
import type { Column, ColumnBatch, ColumnKind } from "./columns.js";
import { ArrowFormatError } from "./arrow-format-error.js";
import { decodeBatch, encodeBatch, encodeSchema, END_OF_STREAM, messageLength } from "./ipc-batch.js";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const bytes = fc.uint8Array({ maxLength: 12 });

/** Rows of (key, float64, int64, bytes) and how many leading rows of a larger arena to leave out. */
const rowsAndSkip = fc.tuple(fc.array(fc.tuple(bytes, fc.double(), int64, bytes), { maxLength: 40 }), fc.nat(5));
type Row = [Uint8Array, number, bigint, Uint8Array];

const kinds: ColumnKind[] = ["float64", "int64", "bytes"];
const columns = [{ name: "key", kind: "bytes" as const }, ...kinds.map((kind, i) => ({ name: `value${i}`, kind }))];

function bytesColumn(values: Uint8Array[], skip: number): ColumnBatch["keys"] {
  const offsets = [0];
  for (const value of values) offsets.push(offsets.at(-1)! + value.length);
  return { kind: "bytes", offsets: Int32Array.from(offsets.slice(skip)), bytes: Buffer.concat([...values, Buffer.from("beyond")]) };
}

function batchOf(rows: Row[], skip = 0): ColumnBatch {
  const from = Math.min(skip, rows.length);
  const kept = rows.slice(from);
  return {
    rows: kept.length,
    keys: bytesColumn(rows.map((row) => row[0]), from),
    values: [
      { kind: "float64", values: Float64Array.from([...kept.map((row) => row[1]), 99]) },
      { kind: "int64", values: BigInt64Array.from(kept.map((row) => row[2])) },
      bytesColumn(rows.map((row) => row[3]), from),
    ],
  };
}

function valueAt(column: Column, row: number): unknown {
  return column.kind === "bytes" ? Buffer.from(column.bytes.subarray(column.offsets[row], column.offsets[row + 1])).toString("hex") : column.values[row];
}

function rowsOf(batch: ColumnBatch): unknown[][] {
  return Array.from({ length: batch.rows }, (_, row) => [batch.keys, ...batch.values].map((column) => valueAt(column, row)));
}

test("a batch comes back from its message, whatever rows its arena holds before it", (assert) => {
  fc.assert(
    fc.property(rowsAndSkip, fc.nat(7), ([rows, skip], shift) => {
      const batch = batchOf(rows, skip);
      const message = encodeBatch(batch);
      assert.is(messageLength(message), message.length);
      // At an odd place in memory columns cannot be shared; they are copied.
      const elsewhere = new Uint8Array(message.length + shift);
      elsewhere.set(message, shift);
      assert.deepEqual(rowsOf(decodeBatch(elsewhere.subarray(shift), kinds)), rowsOf(batch));
    }),
  );
});

test("apache-arrow reads schema, batches and end as a stream", (assert) => {
  fc.assert(
    fc.property(fc.array(rowsAndSkip, { maxLength: 3 }), (parts) => {
      const batches = parts.map(([rows, skip]) => batchOf(rows, skip));
      const stream = Buffer.concat([encodeSchema(columns), ...batches.map(encodeBatch), END_OF_STREAM]);
      const table = tableFromIPC(stream);
      assert.deepEqual(table.schema.fields.map(String), ["key: Binary", "value0: Float64", "value1: Int64", "value2: Binary"]);
      const rows = table.toArray().map((row) => columns.map(({ name, kind }) => (kind === "bytes" ? Buffer.from(row[name]).toString("hex") : row[name])));
      assert.deepEqual(rows, batches.flatMap(rowsOf));
    }),
    { numRuns: 60 },
  );
});

test("columns of an aligned message share its memory", (assert) => {
  const message = encodeBatch(batchOf([[Uint8Array.of(1), 2.5, 3n, Uint8Array.of(4)]]));
  const { keys, values } = decodeBatch(message, kinds);
  assert.is(keys.bytes.buffer, message.buffer);
  assert.deepEqual(values.map((column) => (column.kind === "bytes" ? column.bytes : column.values).buffer === message.buffer), [true, true, true]);
});

test("a walk over messages ends at the end of the stream", (assert) => {
  const message = encodeBatch(batchOf([]));
  const run = Buffer.concat([message, message, END_OF_STREAM]);
  assert.is(messageLength(run, 0), message.length);
  assert.is(messageLength(run, message.length), message.length);
  assert.is(messageLength(run, 2 * message.length), 0);
});

test("a batch with other columns than expected is refused", (assert) => {
  const message = encodeBatch(batchOf([[Uint8Array.of(1), 2.5, 3n, Uint8Array.of(4)]]));
  assert.throws(() => decodeBatch(message, ["float64"]), { instanceOf: ArrowFormatError });
  assert.throws(() => decodeBatch(message, [...kinds, "int64"]), { instanceOf: ArrowFormatError });
  assert.throws(() => decodeBatch(encodeSchema(columns), kinds), { instanceOf: ArrowFormatError, message: /not a record batch/ });
  assert.throws(() => decodeBatch(END_OF_STREAM, kinds), { instanceOf: ArrowFormatError });
});

test("damaged bytes give an ArrowFormatError or a batch within its bounds, never anything else", (assert) => {
  const rows: Row[] = Array.from({ length: 20 }, (_, i) => [Buffer.from(`key ${i}`), i, BigInt(i), new Uint8Array(i)]);
  const message = encodeBatch(batchOf(rows));
  const change = fc.record({ at: fc.nat(message.length - 1), value: fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255)), width: fc.constantFrom(1, 2, 4, 8) });
  let refused = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.option(fc.nat(message.length)), (changes, cut) => {
      const damaged = message.slice(0, cut ?? message.length);
      for (const { at, value, width } of changes) damaged.fill(value, at, at + width);
      try {
        for (const column of [decodeBatch(damaged, kinds)].flatMap((batch) => [batch.keys, ...batch.values])) {
          if (column.kind === "bytes") assert.true(column.offsets.at(-1)! <= column.bytes.length);
        }
      } catch (error) {
        assert.true(error instanceof ArrowFormatError, String(error));
        refused++;
      }
    }),
    { numRuns: 5000 },
  );
  assert.true(refused > 1000);
});
