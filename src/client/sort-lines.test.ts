/** `keyLine` says what `emit(line, line)` says, and writes the same bytes. */
import test from "ava";
import { InvalidJobError } from "../errors.js";
import { LocalRuns } from "../testing/local-run.js";
import { numbers } from "../testing/nasty-keys.js";

const runs = new LocalRuns();
const random = numbers(7);
/** Of one to four bytes; in UTF-16 the last of these is before the one ahead of it. */
const letters = [..."ab\t\r\0éßя日\uffee\u{1f600}"];
const lines = Array.from({ length: 12_000 }, () => Array.from({ length: Math.floor(random() ** 3 * 9) }, () => letters[Math.floor(random() * letters.length)]).join(""));
/** The same with bytes that are no UTF-8: alone, and as halves that would be one character without the newline between. */
const damaged = Buffer.concat([Buffer.from(`${lines.slice(0, 3000).join("\n")}\n`), Buffer.from([0xd1, 10, 0x8f, 10, 97, 0xff, 98, 10])]);

const types = "key: t.utf8(), value: t.utf8(), output: text()";
const asFunctions = "map(line, emit) { emit(line, line); }, reduce(_line, all, emit) { for (const line of all) emit(line); }";
const ways: Record<string, string> = {
  "both operators": "map: m.keyLine(), reduce: m.values()",
  "a map function": "map(line, emit) { emit(line, line); }, reduce: m.values()",
  "a reduce function": "map: m.keyLine(), reduce(_line, all, emit) { for (const line of all) emit(line); }",
};
const inputs = { "lines of many scripts": runs.write("lines.txt", lines.join("\n")), "lines that are no UTF-8": runs.write("damaged.txt", damaged) };

/** Parts are given as Latin-1. */
function asPart(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function naivelySorted(bytes: Buffer): string {
  const rows = bytes.toString().replace(/\n$/, "").split("\n").map((line) => Buffer.from(line.replace(/\r$/, "")));
  return asPart(rows.sort((a, b) => Buffer.compare(a, b)).map((row) => `${row.toString()}\n`).join(""));
}

for (const [what, input] of Object.entries(inputs)) {
  for (const partition of ["range", "hash"]) {
    test.serial(`${what}, sorted by ${partition} partitions, are the same bytes with operators and with functions`, async (t) => {
      const how = `input: text(), partition: m.${partition}(), partitions: 5, ${types}`;
      const options = { input, splitSize: 10_000 };
      const { parts: expected } = await runs.run(runs.job(`functions-${partition}`, `{ name: "functions", ${how}, ${asFunctions} }`), options);
      if (partition === "range") t.is(expected.join(""), naivelySorted(input === inputs["lines that are no UTF-8"] ? damaged : Buffer.from(lines.join("\n"))));
      for (const [name, way] of Object.entries(ways)) {
        const job = runs.job(`way-${partition}`, `{ name: "way", ${how}, ${way} }`);
        t.deepEqual((await runs.run(job, options)).parts, expected, name);
        t.deepEqual((await runs.run(job, { ...options, memory: 300_000 })).parts, expected, `${name}, with runs spilled`);
      }
    });
  }
}

test.serial("sorted lines may be rows of JSON, too", async (t) => {
  const input = runs.write("few.txt", "я\nb\n\nb\n");
  const job = runs.job("json", `{ name: "json", input: text(), key: t.utf8(), value: t.utf8(), map: m.keyLine(), reduce: m.values(), output: jsonl(), partitions: 1 }`);
  t.deepEqual((await runs.run(job, { input })).parts, [asPart('""\n"b"\n"b"\n"я"\n')]);
});

test.serial("keyLine() of another input or of other types is refused before anything runs", async (t) => {
  for (const [how, why] of [
    ["input: csv({ a: t.utf8() }), key: t.utf8(), value: t.utf8()", /keyLine\(\) reads lines, so the input must be text\(\)/],
    ["input: text(), key: t.utf8().nullable(), value: t.utf8()", /keyLine\(\) emits lines, so `key` and `value` must be t\.utf8\(\)/],
  ] as const) {
    const job = runs.job("misfit", `{ name: "misfit", ${how}, map: m.keyLine() as never, reduce: m.values() as never, output: text() }`);
    await t.throwsAsync(runs.run(job, { input: inputs["lines of many scripts"] }), { instanceOf: InvalidJobError, message: why });
  }
});
