import test from "ava";
import fc from "fast-check";
import { ByteSink } from "./byte-sink.js";
import { decoderFor, encoderFor } from "./codec.js";
import { t } from "../job/data-type.js";
import type { TypeSpec } from "../model/type-spec.js";

const composite = t.struct({ name: t.utf8(), n: t.int64(), x: t.float64().nullable(), tags: t.list(t.utf8()) }).type;

function encode(type: TypeSpec, value: unknown): Buffer {
  const sink = new ByteSink(1);
  encoderFor(type)(value, sink);
  return Buffer.from(sink.view());
}

/** The order of values, computed without the encoding. */
function order(left: unknown, right: unknown): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  if (typeof left === "string") return Buffer.compare(Buffer.from(left), Buffer.from(right as string));
  if (typeof left === "number" && typeof right === "number") {
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof left === "bigint") return left < (right as bigint) ? -1 : left > (right as bigint) ? 1 : 0;
  const [a, b] = Array.isArray(left) ? [left, right as unknown[]] : [Object.values(left as object), Object.values(right as object)];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const found = order(a[i], b[i]);
    if (found !== 0) return found;
  }
  return a.length - b.length;
}

const text = fc.string({ unit: fc.constantFrom("a", "b", "\0", "\x01", "ÿ", "ü", "😀", "\ud800"), maxLength: 4 }).map((s) => Buffer.from(s).toString());
const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1, -1, 5e-324));
const struct = fc.record({ name: text, n: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), x: fc.option(number, { nil: null }), tags: fc.array(text, { maxLength: 3 }) });

const cases: [string, TypeSpec, fc.Arbitrary<unknown>][] = [
  ["utf8", t.utf8().type, text],
  ["nullable utf8", t.utf8().nullable().type, fc.option(text, { nil: null })],
  ["float64", t.float64().type, number],
  ["int32", t.int32().type, fc.integer()],
  ["int64", t.int64().type, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  ["a struct of everything", composite, struct],
  ["a list of nullable numbers", t.list(t.float64().nullable()).type, fc.array(fc.option(number, { nil: null }))],
];

for (const [name, type, values] of cases) {
  test(`encodings of ${name} order as the values do`, (assert) => {
    fc.assert(
      fc.property(values, values, (left, right) => {
        assert.is(Math.sign(Buffer.compare(encode(type, left), encode(type, right))), Math.sign(order(left, right)));
      }),
      { numRuns: 500 },
    );
  });

  test(`a value of ${name} comes back from its encoding`, (assert) => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(type, value);
        assert.is(order(decoderFor(type)(bytes, 0, bytes.length), value), 0);
      }),
    );
  });
}

test("members named like prototype properties are ordinary", (assert) => {
  const type = t.struct({ ["__proto__"]: t.utf8(), constructor: t.utf8() }).type;
  const value = Object.defineProperty({ constructor: "c" } as object, "__proto__", { value: "p", enumerable: true });
  const bytes = encode(type, value);
  const back = decoderFor(type)(bytes, 0, bytes.length) as object;
  assert.deepEqual(Object.entries(back).sort(), [["__proto__", "p"], ["constructor", "c"]]);
});

test("a value of the wrong type is refused with its member, type and text", (assert) => {
  assert.throws(() => encode(composite, { name: "a", n: 1, x: 1, tags: [] }), { message: 'member "n": expected int64, got 1 (number)' });
  assert.throws(() => encode(t.utf8().type, undefined), { message: "expected utf8, got undefined" });
  assert.throws(() => encode(t.json().type, () => 1), { message: /expected a JSON value/ });
});
