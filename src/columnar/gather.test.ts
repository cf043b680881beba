import test from "ava";
import fc from "fast-check";
import { bytesAt, bytesColumn, nastyKey } from "../testing/nasty-keys.js";
import { gatherBatch, gatherBytes, mustFitOffsets } from "./gather.js";

const anyLength = fc.oneof(nastyKey, fc.uint8Array({ minLength: 100, maxLength: 400 }).map((bytes) => Buffer.from(bytes)));

test("chosen rows of every kind of column are copied in the order asked for", (assert) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(nastyKey, anyLength, fc.double(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), { minLength: 1 }), fc.array(fc.nat()), fc.nat(), fc.nat(), fc.nat(9), (rows, picks, from, size, lead) => {
      const batch = {
        rows: rows.length,
        keys: bytesColumn(rows.map(([key]) => key), lead),
        values: [
          bytesColumn(rows.map(([, bytes]) => bytes), 1),
          { kind: "float64" as const, values: Float64Array.from(rows, ([, , double]) => double) },
          { kind: "int64" as const, values: BigInt64Array.from(rows, ([, , , wide]) => wide) },
        ],
      };
      const order = Int32Array.from(picks, (pick) => pick % rows.length);
      const start = from % (order.length + 1);
      const end = start + (size % (order.length - start + 1));
      const copy = gatherBatch(batch, order, start, end);
      assert.is(copy.rows, end - start);
      assert.is(copy.keys.offsets[0], 0);
      const [bytes, doubles, wides] = copy.values;
      assert.true(bytes?.kind === "bytes" && doubles?.kind === "float64" && wides?.kind === "int64");
      if (bytes?.kind !== "bytes" || doubles?.kind !== "float64" || wides?.kind !== "int64") return;
      const back = Array.from({ length: copy.rows }, (_, i) => [bytesAt(copy.keys, i), bytesAt(bytes, i), doubles.values[i]!, wides.values[i]!]);
      assert.deepEqual(back, [...order.subarray(start, end)].map((row) => rows[row]!.map((cell) => cell)));
    }),
  );
});

test("a copy holds no more bytes than its rows", (assert) => {
  const copy = gatherBytes(bytesColumn([Buffer.from("abc"), Buffer.from("de"), Buffer.from("f")], 5), Int32Array.of(2, 0), 0, 2);
  assert.deepEqual([...copy.offsets], [0, 1, 4]);
  assert.is(Buffer.from(copy.bytes).toString(), "fabc");
});

test("more bytes than offsets can count are refused", (assert) => {
  assert.throws(() => mustFitOffsets(2 ** 31), { instanceOf: RangeError, message: /gather fewer rows/ });
  assert.notThrows(() => mustFitOffsets(2 ** 31 - 1));
});
