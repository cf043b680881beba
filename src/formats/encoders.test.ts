import test from "ava";
import fc from "fast-check";
import { ByteSink } from "../columnar/byte-sink.js";
import { fieldsOf, t, type Schema } from "../job/data-type.js";
import type { OutputSpec } from "../model/job-spec.js";
import { TempInputs, wholeSplit } from "../testing/temp-input.js";
import { JsonlReader } from "./jsonl-reader.js";
import { openEncoder } from "./open-encoder.js";

const inputs = new TempInputs();

async function encode(spec: OutputSpec, rows: readonly unknown[]): Promise<Buffer> {
  const encoder = await openEncoder(spec);
  const sink = new ByteSink(1);
  encoder.begin(sink);
  for (const row of rows) encoder.encode(row, sink);
  encoder.end(sink);
  return Buffer.from(sink.view());
}

async function jsonl(value: unknown, schema?: Schema): Promise<string> {
  const bytes = await encode({ format: "jsonl", ...(schema === undefined ? {} : { schema: fieldsOf(schema) }) }, [value]);
  return bytes.toString();
}

test("each row of text is a line", async (assert) => {
  assert.is((await encode({ format: "text" }, ["a", "", "zwölf\r", "\0"])).toString(), "a\n\nzwölf\r\n\0\n");
});

test("a row of text that is no line is refused", async (assert) => {
  await assert.throwsAsync(encode({ format: "text" }, ["a\nb"]), { instanceOf: TypeError, message: /hold no newline, got "a\\nb"/ });
  await assert.throwsAsync(encode({ format: "text" }, [1]), { instanceOf: TypeError, message: /must be a string, got 1 \(number\)/ });
});

test("fixed records stand one behind the other and must have their size", async (assert) => {
  const spec = { format: "records", bytes: 2 } as const;
  assert.deepEqual(await encode(spec, [Uint8Array.of(1, 2), Buffer.from([3, 4])]), Buffer.from([1, 2, 3, 4]));
  await assert.throwsAsync(encode(spec, [Uint8Array.of(1)]), { message: /exactly 2 bytes, got 1/ });
  await assert.throwsAsync(encode(spec, ["ab"]), { message: /must be a Uint8Array/ });
});

test("a plain value prints as JSON.stringify prints it", async (assert) => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" }), fc.double({ noNaN: true, noDefaultInfinity: true })), async (value) => {
      assert.is(await jsonl(value), `${JSON.stringify(value)}\n`);
    }),
  );
});

test("bigints, dates, bytes and left-out members have their forms", async (assert) => {
  const row = { n: 2n ** 80n, at: new Date(0), raw: Uint8Array.of(0, 255), none: undefined, zero: -0, url: new URL("http://a.b/"), boxed: Object("x") as unknown, ["__proto__\n"]: 1 };
  assert.is(await jsonl(row), '{"n":1208925819614629174706176,"at":"1970-01-01T00:00:00.000Z","raw":"AP8=","zero":0,"url":"http://a.b/","boxed":"x","__proto__\\n":1}\n');
});

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
let deep: unknown = [];
for (let i = 0; i < 100_000; i++) deep = [deep];

const unprintable: [unknown, RegExp][] = [
  [undefined, /undefined has no JSON form/],
  [() => 1, /has no JSON form/],
  [Symbol("s"), /has no JSON form/],
  [NaN, /NaN has no JSON form/],
  [{ a: { b: [1, Infinity] } }, /member "a\.b\[1\]": Infinity has no JSON form/],
  [{ a: () => 1 }, /member "a": /],
  [[undefined], /member "\[0\]": undefined/],
  [{ at: new Date(NaN) }, /member "at": an invalid Date/],
  [{ m: new Map() }, /a Map has no JSON form.*Object\.fromEntries/],
  [new Float64Array(1), /a Float64Array has no JSON form/],
  [cyclic, /holds itself, or is nested too deeply/],
  [deep, /holds itself, or is nested too deeply/],
];

test("what has no JSON form is refused with the member at fault", async (assert) => {
  for (const [value, problem] of unprintable) await assert.throwsAsync(jsonl(value), { instanceOf: TypeError, message: problem });
});

const schema = {
  text: t.utf8(), n: t.int64(), safe: t.int64({ as: "number" }), x: t.float64(), i: t.int32(), yes: t.bool(), at: t.timestamp(), day: t.date(),
  raw: t.binary(), any: t.json(), tags: t.list(t.utf8().nullable()), point: t.struct({ x: t.float64(), constructor: t.utf8().nullable() }), none: t.utf8().nullable(),
};

const midnight = fc.date({ noInvalidDate: true, min: new Date(-8e15), max: new Date(8e15) }).map((date) => new Date(new Date(date).setUTCHours(0, 0, 0, 0)));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const row = fc.record({
  text: fc.string({ unit: "grapheme" }), n: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), safe: fc.maxSafeInteger(), x: finite, i: fc.integer(), yes: fc.boolean(),
  at: fc.date({ noInvalidDate: true }), day: midnight, raw: fc.uint8Array().map((bytes) => new Uint8Array(bytes)), any: fc.json().map((text) => JSON.parse(text) as unknown),
  tags: fc.array(fc.option(fc.string({ unit: "grapheme" }), { nil: null }), { maxLength: 3 }),
  point: fc.record({ x: finite, constructor: fc.constantFrom(null, "c") }, { noNullPrototype: true }), none: fc.constant(null),
}, { noNullPrototype: true });

test("typed rows written as JSON lines read back the same", async (assert) => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 3 }), async (rows) => {
      const file = inputs.write("round.jsonl", await encode({ format: "jsonl", schema: fieldsOf(schema) }, rows));
      const reader = new JsonlReader(wholeSplit(file), fieldsOf(schema), { maxRecordBytes: 1 << 20 });
      const back: unknown[] = [];
      while (await reader.advance()) while (reader.next()) back.push(reader.record);
      reader.close();
      assert.deepEqual(back, rows);
    }),
  );
});

test("typed rows print the schema's members in its order and no others", async (assert) => {
  assert.is(await jsonl({ b: 1, extra: 2, a: "x" }, { a: t.utf8(), b: t.float64(), c: t.bool().nullable(), toString: t.utf8().nullable() }), '{"a":"x","b":1,"c":null,"toString":null}\n');
  assert.is(await jsonl({ day: new Date("2024-02-29T23:59:59Z") }, { day: t.date() }), '{"day":"2024-02-29"}\n');
});

test("a typed row that does not fit is refused with member, type and value", async (assert) => {
  const cases: [unknown, Schema, RegExp][] = [
    [{}, { a: t.utf8() }, /member "a": expected utf8, got undefined/],
    [{ a: { b: [1, "2"] } }, { a: t.struct({ b: t.list(t.float64()) }) }, /member "a\.b\[1\]": expected float64, got "2" \(string\)/],
    [{ a: NaN }, { a: t.float64() }, /member "a": NaN has no JSON form/],
    [{ a: 1 }, { a: t.int64() }, /expected int64, got 1/],
    ["text", { a: t.utf8() }, /expected an object with the members of the schema, got "text"/],
  ];
  for (const [value, fields, problem] of cases) await assert.throwsAsync(jsonl(value, fields), { instanceOf: TypeError, message: problem });
});
