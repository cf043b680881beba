import test from "ava";
import fc from "fast-check";
import { bytesColumn, nastyKey } from "../../testing/nasty-keys.js";
import { gatherBytes } from "../gather.js";
import { GATHER_SLACK, newKernels } from "./wasm.js";

const PLACES = 64 << 10;
const ORDER = 80 << 10;
const OFFSETS = 96 << 10;
const OUT = 128 << 10;
const DATA = 512 << 10;
const { memory, call } = newKernels(1 << 20);

const row = fc.oneof(nastyKey, fc.integer({ min: 100, max: 3000 }).map((size) => Buffer.alloc(size, size)));

test("rows are gathered up to the limit, as by the plain twin, and little behind it is written over", (t) => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 120 }), fc.array(fc.nat(), { maxLength: 300 }), fc.nat(20_000), (values, picks, room) => {
      memory.fill(0xa5);
      const column = bytesColumn(values, 3);
      memory.set(column.bytes, DATA);
      const places = values.map((_, i) => [DATA + column.offsets[i]!, DATA + column.offsets[i + 1]!]).flat();
      new Uint32Array(memory.buffer, PLACES, places.length).set(places);
      const order = Int32Array.from(values.length === 0 ? [] : picks, (pick) => pick % values.length);
      new Int32Array(memory.buffer, ORDER, order.length).set(order);
      const from = order.length >> 2;

      const rows = call.gatherRows(PLACES, ORDER, from, order.length, OFFSETS, OUT, OUT + room);

      const all = gatherBytes(column, order, from, order.length);
      const next = all.offsets.findIndex((end) => end > room);
      t.is(rows, next < 0 ? order.length - from : next - 1);
      const expected = gatherBytes(column, order, from, from + rows);
      t.deepEqual(new Int32Array(memory.buffer, OFFSETS, rows + 1), expected.offsets);
      t.true(Buffer.from(expected.bytes).equals(memory.subarray(OUT, OUT + expected.bytes.length)));
      t.true(memory.subarray(OUT + room + GATHER_SLACK, DATA).every((byte) => byte === 0xa5));
    }),
    { numRuns: 300 },
  );
});
