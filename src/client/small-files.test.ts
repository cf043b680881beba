/** Tasks that read several small files, against runs in which each file has a task of its own, and against answers worked out here. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import test from "ava";
import type { JobOptions } from "../client/job-options.js";
import { LocalRuns } from "../testing/local-run.js";
import { explainJob } from "./explain-job.js";

const runs = new LocalRuns();
/** No two files are read by one task of this size, for each counts with 64 KiB at the least. */
const APART = 64 * 1024;
/** A few tasks for all files of a folder. */
const TOGETHER = 400_000;

interface Row {
  readonly k: string;
  readonly n: number;
  readonly x: number;
}

/** Rows of file `f`: keys that other files have as well, in another order, and some of its own. */
function rowsOf(f: number): Row[] {
  return Array.from({ length: [0, 1, 40, 300][f % 4]! }, (_, i) => ({ k: (i + f) % 5 === 0 ? `own ${f}` : `key ${(i * 7 + f) % 23}`, n: (i * 31 + f) % 1000, x: i / 8 - f }));
}

const FILES = 21;
const rows = Array.from({ length: FILES }, (_, f) => rowsOf(f)).flat();

/** A folder of files, whose names are in the order of their numbers. */
function folder(name: string, extension: string, content: (f: number) => string | Uint8Array): string {
  mkdirSync(join(runs.folder, name));
  for (let f = 0; f < FILES; f++) {
    const bytes = content(f);
    runs.write(join(name, `f${String(f).padStart(2, "0")}.${extension}${typeof bytes === "string" ? "" : ".gz"}`), bytes);
  }
  return join(runs.folder, name);
}

/** Headers of several orders, endings of both kinds, and marks at the start; every fifth file is compressed. */
const csvFolder = folder("csv", "csv", (f) => {
  const names = f % 3 === 0 ? (["x", "k", "n"] as const) : (["k", "n", "x"] as const);
  const ending = f % 2 === 0 ? "\n" : "\r\n";
  const lines = [names.join(","), ...rowsOf(f).map((row) => names.map((name) => (name === "k" && row.n % 9 === 0 ? `"${row.k}"` : row[name])).join(","))];
  const text = `${f % 7 === 0 ? "\ufeff" : ""}${lines.join(ending)}${f % 4 === 0 ? "" : ending}`;
  return f % 5 === 0 ? gzipSync(text) : text;
});
const jsonlFolder = folder("jsonl", "jsonl", (f) => rowsOf(f).map((row) => `${JSON.stringify(row)}\n`).join(""));
const textFolder = folder("text", "txt", (f) => rowsOf(f).map(({ k, n }) => `${k} ${n}\n`).join(""));
const recordsFolder = folder("records", "bin", (f) => rowsOf(f).map(({ k }) => k.padEnd(10)).join(""));

const SCHEMA = "{ k: t.utf8(), n: t.int32(), x: t.float64() }";
const AGGREGATE = `aggregate({ rows: count(), s: sum("n"), x: sum("x"), mean: m.mean("x"), least: m.min("x"), most: m.max("n"), first: m.first("n"), last: m.last("n") })`;
const csvInput = `input: csv(${SCHEMA})`;
const jsonlInput = `input: jsonl(${SCHEMA})`;
const mapped = `key: t.utf8(), value: t.struct(${SCHEMA}), map: (r, emit) => emit(r.k, r)`;
const JOBS: Readonly<Record<string, readonly [folder: string, job: string]>> = {
  "a group-by": [csvFolder, `${csvInput}, groupBy: "k", reduce: ${AGGREGATE}`],
  "a group-by of two columns": [csvFolder, `${csvInput}, groupBy: ["k", "n"], reduce: ${AGGREGATE}`],
  "a group-by of numbers": [csvFolder, `${csvInput}, groupBy: "n", reduce: ${AGGREGATE}`],
  "a group-by of JSON lines": [jsonlFolder, `${jsonlInput}, groupBy: "k", reduce: ${AGGREGATE}`],
  "a group-by of two columns of JSON lines": [jsonlFolder, `${jsonlInput}, groupBy: ["k", "n"], reduce: ${AGGREGATE}`],
  "an aggregator that takes rows": [csvFolder, `${csvInput}, groupBy: "k", reduce: aggregate({ all: collect("n"), few: m.countDistinct("n") })`],
  "a derived key": [csvFolder, `${csvInput}, derive: ({ k }) => ({ head: k.lift(t.utf8(), (k) => k.slice(0, 5)) }), where: ({ n }) => n.gt(100), groupBy: "head", reduce: ${AGGREGATE}`],
  "a map of records": [csvFolder, `${csvInput}, ${mapped}, reduce: ${AGGREGATE}`],
  "a map of batches": [csvFolder, `${csvInput}, key: t.utf8(), value: t.int32(), mapBatch({ length, columns: { k, n } }, emit) { for (let i = 0; i < length; i++) emit(k.get(i), n[i]!); }, reduce: collect()`],
  "an async map": [csvFolder, `${csvInput}, key: t.utf8(), value: t.int32(), map: async (r, emit) => { await null; emit(r.k, r.n); }, reduce: collect()`],
  "a reduce function": [jsonlFolder, `${jsonlInput}, ${mapped}, reduce(key, values, emit) { emit({ key, all: [...values].map(({ n }) => n) }); }`],
  "ranges by a sample": [csvFolder, `${csvInput}, ${mapped}, partition: range(), reduce(key, values, emit) { for (const { n } of values) emit({ key, n }); }`],
  words: [textFolder, `input: text(), key: t.utf8(), value: t.float64(), map: words(), reduce: sum()`],
  "texts that are emitted": [textFolder, `input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { for (const word of line.split(" ")) emit(word, 1); }, reduce: sum()`],
  "records that are moved": [recordsFolder, `input: records(10), key: t.binary(), value: t.binary(), map: m.keyBytes(0, 6), partition: range(), reduce: m.values(), output: records(10)`],
};

let jobs = 0;

function job(definition: string): string {
  return runs.job(`job-${jobs++}`, `{ name: "small", ${definition.includes("output:") ? "" : "output: jsonl(), "}${definition} }`);
}

for (const [name, [input, definition]] of Object.entries(JOBS)) {
  test.serial(`${name}: the same bytes whether a task reads one file or several`, async (t) => {
    const path = job(definition);
    // Where ranges begin and end hangs on the sample.
    const ranges = definition.includes("range()");
    const bytes = async (options: Partial<JobOptions>): Promise<readonly string[]> => {
      const { parts } = await runs.run(path, { input, partitions: 3, ...options });
      return ranges ? [parts.join("")] : parts;
    };
    const expected = await bytes({ splitSize: APART });
    t.true(expected.join("").length > 300);
    for (const changes of [{}, { splitSize: TOGETHER }, { splitSize: TOGETHER, threads: 3, memory: 300_000 }, { onBadRecord: "skip" }] as Partial<JobOptions>[]) {
      t.deepEqual(await bytes(changes), expected, JSON.stringify(changes));
    }
  });
}

test.serial("a group-by over files of which a task reads several gives what a loop over their rows gives", async (t) => {
  const groups = new Map<string, { rows: number; s: number; first: number; last: number }>();
  for (const { k, n } of rows) {
    const group = groups.get(k) ?? { rows: 0, s: 0, first: n, last: n };
    groups.set(k, { ...group, rows: group.rows + 1, s: group.s + n, last: n });
  }
  const expected = [...groups].map(([key, value]) => JSON.stringify({ key, value })).sort();
  for (const [input, format] of [[csvFolder, csvInput], [jsonlFolder, jsonlInput]] as const) {
    const path = job(`${format}, groupBy: "k", reduce: aggregate({ rows: count(), s: sum("n"), first: m.first("n"), last: m.last("n") })`);
    const { parts, manifest } = await runs.run(path, { input, partitions: 2 });
    t.deepEqual(parts.join("").trimEnd().split("\n").sort(), expected);
    t.is(manifest.records, rows.length);
  }
});

test.serial("a dictionary that starts anew between files, and in the midst of them, loses nothing", async (t) => {
  const each = 18_000;
  const keyOf = (i: number): string => `key ${i % 3 === 0 ? i % 3000 : i}`;
  const many = folder("many", "csv", (f) => {
    const names = f % 8 === 7 ? "n,k,x" : "k,n,x";
    return `${names}\n${Array.from({ length: each }, (_, i) => [keyOf(f * each + i), String(i % 7)]).map((cells) => `${(f % 8 === 7 ? cells.reverse() : cells).join(",")},0\n`).join("")}`;
  });
  const expected = new Map<string, [rows: number, sum: number]>();
  for (let i = 0; i < FILES * each; i++) {
    const [count, sum] = expected.get(keyOf(i)) ?? [0, 0];
    expected.set(keyOf(i), [count + 1, sum + ((i % each) % 7)]);
  }
  t.true(expected.size > 250_000);
  const path = job(`${csvInput}, groupBy: "k", reduce: aggregate({ rows: count(), s: sum("n") }), output: tsv()`);
  for (const splitSize of [1 << 20, 64 << 20]) {
    const { parts } = await runs.run(path, { input: many, partitions: 2, splitSize });
    t.deepEqual(parts.join("").split("\n").sort(), ["", ...[...expected].map(([key, [count, sum]]) => `${key}\t${count}\t${sum}`)].sort());
  }
});

test.serial("each record knows its own file and its place there, and a copy is in the order of the files", async (t) => {
  for (const map of ["map(line, emit, ctx) { emit({ file: ctx.file, offset: ctx.offset, line }); }", "async map(line, emit, ctx) { const { file } = ctx; await null; emit({ file, offset: ctx.offset, line }); }"]) {
    const path = job(`input: text(), ${map}`);
    const { parts } = await runs.run(path, { input: textFolder, splitSize: TOGETHER });
    const expected = readdirSync(textFolder).sort().flatMap((name) => {
      const file = join(textFolder, name);
      let offset = 0;
      return readFileSync(file, "utf8").split("\n").slice(0, -1).map((line) => {
        const record = JSON.stringify({ file, offset, line });
        offset += line.length + 1;
        return record;
      });
    });
    t.is(parts.length, 3);
    t.deepEqual(parts.join("").trimEnd().split("\n"), expected);
  }
});

test.serial("bad records of several files are counted and set aside with their places, and the first is one too many without a policy", async (t) => {
  const bad = folder("bad", "csv", (f) => `k,n,x\n${rowsOf(f).map(({ k, n, x }, i) => `${k},${i % 50 === 7 ? "none" : n},${x}\n`).join("")}`);
  for (const how of [`groupBy: "k", reduce: ${AGGREGATE}`, `${mapped}, reduce: ${AGGREGATE}`]) {
    const path = job(`${csvInput}, ${how}`);
    const read = async (splitSize: number) => {
      const { parts, manifest, output } = await runs.run(path, { input: bad, partitions: 2, splitSize, onBadRecord: "quarantine" });
      const aside = join(output, "_quarantine");
      return { parts, bad: manifest.badRecords, quarantined: readdirSync(aside).sort().map((name) => readFileSync(join(aside, name), "utf8")).join("") };
    };
    const expected = await read(APART);
    t.is(expected.bad, 35);
    t.is(expected.quarantined.trimEnd().split("\n").length, expected.bad);
    t.deepEqual(await read(TOGETHER), expected);
    const { kind, file, offset } = await runs.failure(path, { input: bad, threads: 1 });
    t.deepEqual({ kind, file, offset }, { kind: "bad-record", file: join(bad, "f02.csv"), offset: 6 + rowsOf(2).slice(0, 7).map(({ k, n, x }) => `${k},${n},${x}\n`).join("").length });
    t.is((await runs.failure(path, { input: bad, threads: 1, splitSize: TOGETHER, onBadRecord: "skip", maxBadRecords: "3" })).kind, "too-many-bad-records");
  }
});

test.serial("a function that throws names the file and the record, and so does a lifted one", async (t) => {
  const place = { file: join(jsonlFolder, "f11.jsonl"), offset: rowsOf(11).slice(0, 4).map((row) => `${JSON.stringify(row)}\n`).join("").length };
  t.is(rowsOf(11)[4]!.k, "own 11");
  for (const how of [`${mapped.replace("emit(r.k, r)", `{ if (r.k === "own 11") throw new Error("no"); emit(r.k, r); }`)}`, `derive: ({ k }) => ({ l: k.lift(t.utf8(), (k) => { if (k === "own 11") throw new Error("no"); return k; }) }), groupBy: "l"`]) {
    const { kind, file, offset } = await runs.failure(job(`${jsonlInput}, ${how}, reduce: ${AGGREGATE}`), { input: jsonlFolder });
    t.deepEqual({ kind, file, offset }, { kind: "user-error", ...place });
  }
});

test.serial("a file that changes before its turn fails the job, by its name", async (t) => {
  const changing = folder("changing", "txt", (f) => `line of ${f}\n`);
  const last = join(changing, "f20.txt");
  const path = job(`input: text(), map(line, emit, ctx) { if (ctx.file.endsWith("f00.txt")) process.getBuiltinModule("fs").appendFileSync(${JSON.stringify(last)}, "more\\n"); emit(line); }, output: text()`);
  const { kind, file } = await runs.failure(path, { input: changing, splitSize: 64 << 20 });
  t.deepEqual({ kind, file }, { kind: "input-changed", file: last });
});

test.serial("a task that ends its process says which files it reads", async (t) => {
  const path = job(`input: text(), map(line, emit, ctx) { if (ctx.file.endsWith("f07.txt")) process.exit(3); emit(line); }, output: text()`);
  const { context, file } = await runs.failure(path, { input: textFolder });
  t.is(file, undefined);
  t.regex(context ?? "", /^Task \S+_m_00000 \(\d+ files, \S+f01\.txt to \S+f\d\d\.txt\) failed 4 times/);
});

test.serial("explain counts the files, and the tasks that read them together", async (t) => {
  const lines = await explainJob(job(`${csvInput}, groupBy: "k", reduce: ${AGGREGATE}`), { input: csvFolder });
  t.regex(lines.join("\n"), /Input: csv \(.*\), 21 non-empty files, [\d.]+ KiB in 21 splits\n/);
  t.true(lines.includes("Stage map: 2 tasks, each of up to 15 small files"));
});
