import test from "ava";
import fc from "fast-check";
import { indexNewlines } from "./newlines.js";
import { newKernels } from "./wasm.js";

test("the kernel finds the newlines that the plain loop finds, in any range and up to any number", (t) => {
  const { memory, call } = newKernels(1 << 20);
  const text = fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.map((byte) => (byte < 60 ? 10 : byte)));
  fc.assert(
    fc.property(text, fc.nat(40), fc.nat(300), fc.nat(70), (bytes, from, length, most) => {
      const base = 1024;
      const at = Math.min(from, bytes.length);
      const to = Math.min(at + length, bytes.length);
      // What lies behind the text must not show.
      memory.fill(10, base, base + 400);
      memory.set(bytes, base);
      const expected = new Int32Array(most);
      const count = indexNewlines(bytes, at, to, expected);
      t.is(call.indexNewlines(base, base + at, base + to, 8192, most), count);
      t.deepEqual(new Int32Array(memory.buffer, 8192, count), expected.subarray(0, count));
    }),
  );
});
