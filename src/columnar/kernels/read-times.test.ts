/** Times and booleans that kernels read are those of their twins, and what they do not read is theirs to leave. */
import test from "ava";
import fc from "fast-check";
import { cellParser } from "../../formats/cell-values.js";
import { parseIsoDay, parseIsoTime } from "../../formats/iso-time.js";
import { readCells } from "../../testing/kernel-cells.js";

const days = (cells: readonly string[]) => readCells(cells, Float64Array, (call, place, _, out) => call.readTimes(...place, out, false));
const times = (cells: readonly string[]) => readCells(cells, Float64Array, (call, place, _, out) => call.readTimes(...place, out, true));
const booleans = (cells: readonly string[]) => readCells(cells, Float64Array, (call, place, _, out) => call.readBooleans(...place, out));

const FOUR_DIGITS = { min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true };

test("every day of the years 0 to 9999 is read, and no other", (t) => {
  const cells: string[] = [];
  for (let year = 0; year < 10_000; year += year < 410 || (year > 1890 && year < 2110) ? 1 : 97) {
    for (let month = 0; month < 14; month++) for (const day of [0, 1, 28, 29, 30, 31, 32]) cells.push([String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join("-"));
  }
  for (let from = 0; from < cells.length; from += 4000) {
    const some = cells.slice(from, from + 4000);
    t.deepEqual(days(some), some.map(parseIsoDay));
  }
});

test("times that a Date prints, with fewer or more parts, are read", (t) => {
  const printed = fc.tuple(fc.date(FOUR_DIGITS), fc.constantFrom(10, 16, 19, 21, 22, 23), fc.constantFrom("", "Z", "+02:00", "-0730", "+23:59"), fc.boolean()).map(([date, length, zone, spaced]) => {
    const text = date.toISOString().slice(0, length).replace("T", spaced ? " " : "T");
    return length === 10 ? text : text + zone;
  });
  fc.assert(
    fc.property(fc.array(printed, { minLength: 1, maxLength: 40 }), (cells) => t.deepEqual(times(cells), cells.map(parseIsoTime))),
    { numRuns: 1000 },
  );
});

test("what is nearly a time is what the twin says, or left", (t) => {
  const part = fc.constantFrom("00", "12", "23", "24", "59", "60", "99", "1", "001", "", "1x", "-1");
  const nearly = fc
    .tuple(fc.constantFrom("2024-02-29", "1969-12-31", "2023-02-29", "0000-03-01", "-000001-01-01", "+002024-01-01", "24-01-01", "2024/01/01"), fc.constantFrom("T", " ", "t", "", "_"), part, fc.constantFrom(":", "", "."), part, fc.constantFrom("", ":", "."), part, fc.constantFrom("", ".", ","), fc.stringMatching(/^\d{0,10}$/), fc.constantFrom("", "Z", "z", "+", "+01", "+0100", "-01:30", "+01:60", "+24:00", "+1:00", "Z ", "+01:3"))
    .map((parts) => parts.join(""));
  const broken = fc.tuple(fc.date(FOUR_DIGITS), fc.nat(23), fc.constantFrom("x", "9", "-", ":", "")).map(([date, at, letter]) => {
    const text = date.toISOString();
    return text.slice(0, at) + letter + text.slice(at + 1);
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(nearly, broken), { minLength: 1, maxLength: 40 }), (cells) => {
      const expected = cells.map(parseIsoTime);
      for (const [i, time] of times(cells).entries()) t.true(time === expected[i] || (time === undefined && /^[+-]/.test(cells[i]!)), `${cells[i]}: ${time}`);
      const expectedDays = cells.map(parseIsoDay);
      for (const [i, time] of days(cells).entries()) t.true(time === expectedDays[i] || (time === undefined && /^[+-]/.test(cells[i]!)), `${cells[i]}: ${time}`);
    }),
    { numRuns: 3000 },
  );
});

test("booleans in all their forms, between quotes or not", (t) => {
  const parse = cellParser({ kind: "bool", nullable: false });
  const forms = ["true", "True", "TRUE", "1", "false", "False", "FALSE", "0"];
  const others = ["", "2", "t", "tRUE", "FALSe", "falsE", "truE", "true ", "false1", "00", "yes", "fals", "/", "\0"];
  const cells = [...forms, ...others, ...forms.map((form) => `"${form}"`)];
  const expected = cells.map((cell) => {
    const bytes = Buffer.from(cell.replaceAll('"', ""));
    const value = parse(bytes, 0, bytes.length);
    return value === undefined ? undefined : Number(value);
  });
  t.is(expected.filter((value) => value === undefined).length, others.length);
  t.deepEqual(booleans(cells), expected);
});
