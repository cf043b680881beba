import test from "ava";
import fc from "fast-check";
import { BadRecordError, InvalidJobError } from "../errors.js";
import { fieldsOf, t, type Schema } from "../job/data-type.js";
import { splitsOf, TempInputs, wholeSplit } from "../testing/temp-input.js";
import { JsonlReader } from "./jsonl-reader.js";
import { quoteLongIntegers } from "./long-integers.js";

interface Outcome {
  readonly records: unknown[];
  readonly errors: BadRecordError[];
  readonly offsets: number[];
  readonly skipped: number;
}

const inputs = new TempInputs();
const options = { maxRecordBytes: 1 << 20 };

async function read(content: string, schema?: Schema, splitSize?: number): Promise<Outcome> {
  const file = inputs.write("records.jsonl", content);
  const records: unknown[] = [];
  const errors: BadRecordError[] = [];
  const offsets: number[] = [];
  let skipped = 0;
  for (const split of splitSize === undefined ? [wholeSplit(file)] : splitsOf(file, splitSize)) {
    const reader = new JsonlReader(split, schema && fieldsOf(schema), { ...options, chunkBytes: 64 });
    while (await reader.advance()) {
      for (;;) {
        try {
          if (!reader.next()) break;
          records.push(reader.record);
          offsets.push(reader.offset);
        } catch (error) {
          if (!(error instanceof BadRecordError)) throw error;
          errors.push(error);
        }
      }
    }
    skipped += reader.skipped;
    reader.close();
  }
  return { records, errors, offsets, skipped };
}

async function readOne(line: string, schema: Schema): Promise<unknown> {
  const { records, errors } = await read(line, schema);
  if (errors[0] !== undefined) throw errors[0];
  return records[0];
}

test("records, blank lines and broken lines are the same over splits of any size", async (assert) => {
  const line = fc.oneof(fc.json({ maxDepth: 2 }), fc.constantFrom("", " \t", "\r", "{", '{"a":1}}', "nul", '"ü€😀"', "[1] "));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.constantFrom("\n", "\r\n"), async (lines, newline) => {
      const content = lines.join(newline);
      const expected: unknown[] = [];
      const offsets: number[] = [];
      let [broken, blank, at] = [0, 0, 0];
      for (const [i, each] of lines.entries()) {
        if (each.trim() !== "") {
          try {
            expected.push(JSON.parse(each));
            offsets.push(at);
          } catch {
            broken++;
          }
          // A line that is empty at the very end is none.
        } else if (i < lines.length - 1 || each !== "") blank++;
        at += Buffer.byteLength(each + newline);
      }
      for (const size of [1, 2, 3, 7, 1000]) {
        const outcome = await read(content, undefined, size);
        assert.deepEqual(outcome.records, expected);
        assert.deepEqual(outcome.offsets, offsets);
        assert.is(outcome.errors.length, broken);
        assert.is(outcome.skipped, blank);
      }
    }),
    { numRuns: 60 },
  );
});

const faults: [string, RegExp][] = [
  ['{"a":x}', /position 5/],
  ['{"a" 1}', /position 5/],
  ["[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,y]", /Unexpected token "y" in JSON at position 46/],
  ['{"a":tru}', /Unexpected token "}" in JSON at position 8/],
  ["abc", /Unexpected token "a" in JSON at position 0/],
  ["\ufeff{}", /position 0/],
];

test("the error of a broken line says what is wrong, where in the file and where in the line", async (assert) => {
  for (const [line, problem] of faults) {
    const { errors, records } = await read(`{"fine":1}\n${line}\n2`);
    assert.deepEqual(records, [{ fine: 1 }, 2]);
    assert.is(errors.length, 1);
    assert.is(errors[0]?.offset, 11);
    assert.is(errors[0]?.record, line);
    assert.regex(errors[0]?.message ?? "", /records\.jsonl, byte 11: the line is not valid JSON: /);
    assert.regex(errors[0]?.message ?? "", problem);
  }
});

test("members called __proto__ and lists nested 100,000 deep are plain data", async (assert) => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const content = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\n${deep}\n{"list":${deep}}`;
  const { records, errors } = await read(content);
  assert.is(records.length + errors.length, 3);
  assert.is(({} as { polluted?: number }).polluted, undefined);
  assert.true(Object.hasOwn(records[0] as object, "__proto__"));

  const typed = await read(content, { ["__proto__"]: t.json().nullable(), list: t.list(t.utf8()).nullable(), toString: t.utf8().nullable() });
  assert.deepEqual(Object.getOwnPropertyNames(typed.records[0]), ["__proto__", "list", "toString"]);
  assert.is(Object.getPrototypeOf(typed.records[0]), Object.prototype);
  assert.is((typed.records[0] as { toString: unknown }).toString, null);
  assert.is(typed.errors.length, 2);
});

test("a schema converts every type and leaves other members out", async (assert) => {
  const schema = {
    text: t.utf8(), yes: t.bool(), small: t.int32(), big: t.int64(), safe: t.int64({ as: "number" }), x: t.float64(),
    at: t.timestamp(), day: t.date(), raw: t.binary(), any: t.json(), tags: t.list(t.utf8().nullable()), point: t.struct({ x: t.float64(), n: t.int64() }),
    missing: t.utf8().nullable(), none: t.int32().nullable(),
  };
  const line = `{"extra":1,"text":"ü","yes":true,"small":-0,"big":9007199254740993,"safe":"12","x":1e3,"at":"2024-02-29T12:00:00.5+01:00","day":"1970-01-02",
    "raw":"AP8=","any":{"a":[null]},"tags":["a",null],"point":{"x":1,"n":-9223372036854775808,"y":2},"none":null}`;
  const record = await readOne(line.replace(/\n\s+/g, ""), schema);
  assert.deepEqual(record as object, {
    text: "ü", yes: true, small: 0, big: 9007199254740993n, safe: 12, x: 1000, at: new Date("2024-02-29T11:00:00.500Z"), day: new Date("1970-01-02"),
    raw: new Uint8Array([0, 255]), any: { a: [null] }, tags: ["a", null], point: { x: 1, n: -(2n ** 63n) }, missing: null, none: null,
  });
});

test("integers beyond 2^53 are exact wherever they stand", async (assert) => {
  const schema = { n: t.int64(), list: t.list(t.int64()), x: t.float64(), s: t.utf8() };
  await fc.assert(
    fc.asyncProperty(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 3 }), fc.string(), async (n, list, s) => {
      const line = `{"x":12345678901234567890,"s":${JSON.stringify(s)},"n":${n},"list":[${list.join(",")}]}`;
      assert.deepEqual(await readOne(line, schema), { n, list, x: 12345678901234567890, s });
    }),
    { numRuns: 100 },
  );
});

test("quoting long integers changes nothing else in a JSON text", (assert) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      const unquoted = JSON.stringify(JSON.parse(quoteLongIntegers(json)), (_, member: unknown) => (typeof member === "string" && /^-?\d{16,}$/.test(member) ? Number(member) : member));
      const expected = JSON.stringify(value, (_, member: unknown) => (typeof member === "string" && /^-?\d{16,}$/.test(member) ? Number(member) : member));
      assert.is(unquoted, expected);
    }),
  );
  assert.is(quoteLongIntegers('["1234567890123456789",-1234567890123456789,1.1234567890123456789,1234567890123456789e1,"\\"1234567890123456789",false]'), '["1234567890123456789","-1234567890123456789",1.1234567890123456789,1234567890123456789e1,"\\"1234567890123456789",false]');
});

const misfits: [Schema, string, RegExp][] = [
  [{ a: t.utf8() }, '{"a":1}', /member "a": expected utf8, got 1 \(number\)/],
  [{ a: t.utf8() }, "{}", /member "a" is missing; expected utf8/],
  [{ a: t.utf8() }, '{"a":null}', /member "a": expected utf8, got null/],
  [{ a: t.utf8() }, "[1]", /expected an object with the members of the schema/],
  [{ a: t.int32() }, '{"a":2147483648}', /expected int32/],
  [{ a: t.int32() }, '{"a":1.5}', /expected int32/],
  [{ a: t.float64() }, '{"a":1e400}', /expected float64 \(a number within its range\)/],
  [{ a: t.float64() }, '{"a":"1"}', /expected float64/],
  [{ a: t.int64() }, '{"a":9223372036854775808}', /within 64 bits/],
  [{ a: t.int64() }, '{"a":1e17}', /write it as digits/],
  [{ a: t.int64() }, '{"a":1.5}', /expected int64, got 1.5/],
  [{ a: t.int64({ as: "number" }) }, '{"a":9007199254740993}', /as a number up to 2\^53/],
  [{ a: t.timestamp() }, '{"a":"2023-02-30T00:00:00Z"}', /ISO 8601/],
  [{ a: t.timestamp() }, '{"a":"yesterday"}', /ISO 8601/],
  [{ a: t.date() }, '{"a":"2023-13-01"}', /YYYY-MM-DD/],
  [{ a: t.binary() }, '{"a":"AP8"}', /base64/],
  [{ a: t.list(t.struct({ b: t.bool() })) }, '{"a":[{"b":true},{"b":0}]}', /member "a\[1\]\.b": expected bool, got 0/],
];

test("a value that does not fit the schema is a bad record that names member, type and value", async (assert) => {
  for (const [schema, line, problem] of misfits) {
    const error = await assert.throwsAsync(readOne(line, schema), { instanceOf: BadRecordError }, line);
    assert.regex(error.message, /the record does not fit the schema: /);
    assert.regex(error.message, problem);
  }
});

test("columns of a chunk hold its good records, each bad one being thrown first", async (assert) => {
  const schema = { name: t.utf8(), n: t.int64(), x: t.float64(), i: t.int32(), tag: t.utf8().nullable() };
  const file = inputs.write("columns.jsonl", '{"name":"ü","n":1,"x":1.5,"i":7,"tag":null}\n\nbroken\n{"name":"","n":-2,"x":0,"i":8,"tag":"t"}\n');
  const reader = new JsonlReader(wholeSplit(file), fieldsOf(schema), options);
  assert.true(await reader.advance());
  assert.throws(() => reader.columns(), { instanceOf: BadRecordError });
  const batch = reader.columns();
  const columns = batch.columns as Record<string, { get(i: number): unknown }>;
  assert.is(batch.length, 2);
  assert.deepEqual([columns["name"]?.get(0), columns["name"]?.get(1)], ["ü", ""]);
  assert.deepEqual([columns["tag"]?.get(0), columns["tag"]?.get(1)], [null, "t"]);
  assert.deepEqual(columns["n"] as unknown, BigInt64Array.of(1n, -2n));
  assert.deepEqual(columns["x"] as unknown, Float64Array.of(1.5, 0));
  assert.deepEqual(columns["i"] as unknown, Int32Array.of(7, 8));
  assert.false(await reader.advance());
  reader.close();
});

test("columns without a schema are refused with the way out", async (assert) => {
  const reader = new JsonlReader(wholeSplit(inputs.write("untyped.jsonl", "1\n")), undefined, options);
  await reader.advance();
  assert.throws(() => reader.columns(), { instanceOf: InvalidJobError, message: /needs a schema/ });
  reader.close();
});
