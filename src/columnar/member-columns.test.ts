import test from "ava";
import fc from "fast-check";
import type { FieldSpec } from "../model/type-spec.js";
import { bytesAt, bytesColumn } from "../testing/nasty-keys.js";
import { ByteSink } from "./byte-sink.js";
import { decoderFor, encoderFor } from "./codec.js";
import type { ResultColumn } from "./columns.js";
import { ThreadKernels } from "./kernels/thread-kernels.js";
import { memberColumns } from "./member-columns.js";
import { memberKernel } from "./member-kernel.js";

const plain = { nullable: false } as const;
/** Those of types that kernels take, in the middle. */
const FIELDS: readonly FieldSpec[] = [
  { name: "maybe", type: { kind: "utf8", nullable: true } },
  { name: "a", type: { kind: "utf8", ...plain } },
  { name: "n", type: { kind: "int32", ...plain } },
  { name: "big", type: { kind: "int64", as: "bigint", ...plain } },
  { name: "x", type: { kind: "float64", ...plain } },
  { name: "b", type: { kind: "utf8", ...plain } },
  { name: "safe", type: { kind: "int64", as: "number", ...plain } },
];
const memory = new ThreadKernels();
const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "a\u0001", "x".repeat(15), "x".repeat(16), "é".repeat(100)));
const withNul = fc.constantFrom("\0", "\0\0", "a\0b", "\0\u0001", "é\0");
const structOf = (texts: fc.Arbitrary<string>): fc.Arbitrary<Record<string, unknown>> =>
  fc.record({
    maybe: fc.option(texts),
    a: texts,
    n: fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)),
    big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    x: fc.oneof(fc.double(), fc.constantFrom(-0, NaN, -5e-324, Infinity, -Infinity)),
    b: texts,
    safe: fc.maxSafeInteger(),
  });
// Enough without a NUL for the kernel to have its say.
const structs = fc.oneof(fc.array(structOf(text.filter((each) => !each.includes("\0"))), { maxLength: 30 }), fc.array(structOf(fc.oneof(text, withNul)), { maxLength: 30 }));
const fields = fc.shuffledSubarray([...FIELDS], { minLength: 1 });

function rowsOf(fields: readonly FieldSpec[], columns: readonly ResultColumn[], rows: number): Record<string, unknown>[] {
  return Array.from({ length: rows }, (_, row) => Object.fromEntries(columns.map((each, i) => [fields[i]!.name, each.kind === "bytes" ? bytesAt(each, row).toString() : each.values[row]])));
}

function encoded(fields: readonly FieldSpec[], values: readonly unknown[]): Buffer[] {
  const encode = encoderFor({ kind: "struct", fields, nullable: false });
  return values.map((value) => {
    const sink = new ByteSink();
    encode(value, sink);
    return Buffer.from(sink.view());
  });
}

test("members of encoded structs are, in columns, what they are in objects, with kernels and without", (t) => {
  fc.assert(
    fc.property(structs, fields, fc.nat(3), (values, fields, lead) => {
      const bytes = encoded(fields, values);
      const column = bytesColumn(bytes, lead);
      const decode = decoderFor({ kind: "struct", fields, nullable: false });
      const decoded = bytes.map((each) => decode(each, 0, each.length));
      for (const kernels of [undefined, (size: number) => memory.get(size)]) t.deepEqual(rowsOf(fields, memberColumns(fields, kernels)(column, values.length), values.length), decoded);
    }),
    { numRuns: 500 },
  );
});

test("the kernel takes texts, int32, int64 and doubles, but no NUL, no other type, and no struct that ends too early", (t) => {
  const taken = FIELDS.slice(1, 6);
  const value = { a: "a", n: 1, big: 2n, x: 3, b: "b" };
  const take = memberKernel(taken, (size) => memory.get(size))!;
  const [whole, nul] = encoded(taken, [value, { ...value, b: "b\0" }]);
  t.deepEqual(rowsOf(taken, take(bytesColumn([whole!, whole!], 1), 2)!, 2), [value, value]);
  t.is(take(bytesColumn([whole!, nul!]), 2), undefined);
  for (let size = 0; size < whole!.length; size++) t.is(take(bytesColumn([whole!, whole!.subarray(0, size), whole!]), 3), undefined);
  for (const other of [FIELDS[0]!, FIELDS[6]!]) t.is(memberKernel([...taken, other], (size) => memory.get(size)), undefined);
});
