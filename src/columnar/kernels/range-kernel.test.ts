import test from "ava";
import fc from "fast-check";
import { bytesColumn, nastyKey, nastyKeys } from "../../testing/nasty-keys.js";
import { rangePartition } from "./partition.js";
import { RangeKernel } from "./range-kernel.js";
import { newKernels } from "./wasm.js";

test("the kernel puts keys in the ranges in which the plain loop puts them", (t) => {
  const kernels = newKernels(1 << 20);
  const { memory } = kernels;
  fc.assert(
    fc.property(nastyKeys, fc.array(nastyKey, { maxLength: 40 }), (keys, bounds) => {
      const splitters = [...bounds].sort((a, b) => Buffer.compare(a, b));
      const column = bytesColumn(keys, 3);
      const expected = new Int32Array(keys.length);
      rangePartition(column, keys.length, splitters, expected);
      // What lies around keys and splitters must not show.
      memory.fill(0xff);
      const [offsets, bytes, codes, tables] = [0, 1 << 16, 1 << 18, 1 << 19];
      new Int32Array(memory.buffer, offsets, keys.length + 1).set(column.offsets);
      memory.set(column.bytes, bytes);
      new RangeKernel(kernels, tables, splitters).codes(offsets, bytes, keys.length, codes);
      t.deepEqual(new Int32Array(memory.buffer.slice(codes, codes + 4 * keys.length)), expected);
    }),
  );
});
