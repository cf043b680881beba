/** `keyBytes` and `values` are ways to say what a map and a reduce function say, and write the same bytes. */
import test from "ava";
import { InvalidJobError } from "../errors.js";
import { LocalRuns } from "../testing/local-run.js";
import { numbers } from "../testing/nasty-keys.js";

const runs = new LocalRuns();
const random = numbers(3);
const content = Uint8Array.from({ length: 12 * 30_000 }, () => Math.floor(random() ** 2 * 6) * 40);
const input = runs.write("records.bin", content);

const types = "key: t.binary(), value: t.binary(), output: records(12)";
const asFunctions = "map(record, emit) { emit(record.subarray(2, 7), record); }, reduce(_key, all, emit) { for (const record of all) emit(record); }";
const ways: Record<string, string> = {
  "both operators": "map: m.keyBytes(2, 7), reduce: m.values()",
  "a map function": "map(record, emit) { emit(record.subarray(2, 7), record); }, reduce: m.values()",
  "a reduce function": "map: m.keyBytes(2, 7), reduce(_key, all, emit) { for (const record of all) emit(record); }",
};

function naivelySorted(): string {
  const rows = Array.from({ length: content.length / 12 }, (_, i) => Buffer.from(content.subarray(12 * i, 12 * i + 12)));
  return Buffer.concat(rows.sort((a, b) => Buffer.compare(a.subarray(2, 7), b.subarray(2, 7)))).toString("latin1");
}

for (const partition of ["range", "hash"]) {
  test.serial(`records sorted by ${partition} partitions are the same bytes with operators and with functions`, async (t) => {
    const how = `input: records(12), partition: m.${partition}(), partitions: 5, ${types}`;
    const options = { input, splitSize: 100_000 };
    const { parts: expected } = await runs.run(runs.job(`functions-${partition}`, `{ name: "functions", ${how}, ${asFunctions} }`), options);
    if (partition === "range") t.is(expected.join(""), naivelySorted());
    for (const [name, way] of Object.entries(ways)) {
      const job = runs.job(`way-${partition}`, `{ name: "way", ${how}, ${way} }`);
      t.deepEqual((await runs.run(job, options)).parts, expected, name);
      t.deepEqual((await runs.run(job, { ...options, memory: 600_000 })).parts, expected, `${name}, with runs spilled`);
    }
  });
}

test.serial("values() writes the decoded values of any type, in the order of sortValues", async (t) => {
  const lines = runs.write("lines.txt", "b 2\na 10\nb 1\na 9\n");
  const job = runs.job("numbers", `{ name: "numbers", input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { const [k, n] = line.split(" "); emit(k!, Number(n)); }, sortValues: true, reduce: m.values(), output: jsonl(), partitions: 1 }`);
  t.deepEqual((await runs.run(job, { input: lines })).parts, ["9\n10\n1\n2\n"]);
});

test.serial("a value that is no record of the output is an error that says so", async (t) => {
  const job = runs.job("misfit", `{ name: "misfit", input: records(12), key: t.binary(), value: t.binary(), map: m.keyBytes(0, 2), reduce: m.values(), output: records(10) }`);
  const failure = await runs.failure(job, { input });
  t.regex(failure.message, /a row of records\(10\) must have exactly 10 bytes, got 12/);
});

test.serial("keyBytes() that names no bytes of a record is refused before anything runs", async (t) => {
  for (const [cut, format, why] of [["3, 3", "records(12)", /0 <= from < to <= 12/], ["0, 13", "records(12)", /0 <= from < to <= 12/]] as const) {
    const job = runs.job("cut", `{ name: "cut", input: ${format}, map: m.keyBytes(${cut}), reduce: m.values(), ${types} }`);
    await t.throwsAsync(runs.run(job, { input }), { instanceOf: InvalidJobError, message: why });
  }
});
