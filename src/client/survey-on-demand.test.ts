/**
 * Jobs over CSV whose quotes turn up late, or never. Each content has a twin of the same records at the same places which holds a quote
 * in its first cell, so that its splits are surveyed before anything else: both must give the same bytes.
 */
import { parse } from "csv-parse/sync";
import test from "ava";
import { LocalRuns } from "../testing/local-run.js";

const runs = new LocalRuns();
const input = `csv({ k: t.utf8(), n: t.float64() }, { header: false })`;
const jobs = {
  grouped: runs.job("grouped", `{ name: "grouped", input: ${input}, groupBy: "k", reduce: aggregate({ rows: count(), s: sum("n") }), partitions: 2, output: jsonl() }`),
  copied: runs.job("copied", `{ name: "copied", input: ${input}, map: (r, emit) => emit(r), output: jsonl() }`),
  sorted: runs.job("sorted", `{ name: "sorted", input: ${input}, key: t.utf8(), value: t.float64(), map: (r, emit) => emit(r.k, r.n), partition: range(), partitions: 3, reduce: (k, values, emit) => { for (const n of values) emit({ k, n }); }, output: jsonl() }`),
} as const;

interface Row {
  readonly k: string;
  readonly n: number;
}

/** Some `bytes` of rows without quotes. */
function rows(bytes: number, seed: number): string {
  let text = "";
  for (let i = seed; text.length < bytes; i++) text += `key ${(i * 7919) % 1009},${i % 1000}\n`;
  return text;
}

const hidden = 'a record, or so it seems\nkey 1,1000000\n'.repeat(5_000);
const contents: Readonly<Record<string, string>> = {
  "no quotes": rows(400_000, 1),
  "a quote in the last split": `${rows(400_000, 1)}"key 5",17\n${rows(100, 2)}`,
  "a quote that is data": `${rows(200_000, 1)}4" pipe,17\n${rows(100_000, 2)}`,
  "a cell over many splits, which holds what looks like records": `${rows(150_000, 1)}"${hidden}",3\n${rows(100_000, 2)}`,
  "a quote behind which every split begins inside of quotes": `${rows(150_000, 1)}"${"key 1,1000000\n".repeat(10_000)}",3\n`,
};

let files = 0;

/** A file that may be read at once, and one that must be surveyed first. */
function twins(content: string): readonly [string, string] {
  files++;
  return [runs.write(`${files}.csv`, `a,1\n\n\n${content}`), runs.write(`${files}-twin.csv`, `"a",1\n${content}`)];
}

function recordsOf(content: string): Row[] {
  return (parse(`a,1\n${content}`, { relax_quotes: true, relax_column_count: true }) as string[][]).map(([k, n]) => ({ k: k!, n: Number(n) }));
}

/** The lines of all parts of a job's output, sorted but for those of a copy. */
function answer(name: keyof typeof jobs, records: readonly Row[]): string[] {
  if (name === "copied") return records.map((record) => JSON.stringify(record));
  if (name === "sorted") return records.map((record) => JSON.stringify(record)).sort();
  const groups = new Map<string, { rows: number; s: number }>();
  for (const { k, n } of records) {
    const group = groups.get(k) ?? { rows: 0, s: 0 };
    groups.set(k, { rows: group.rows + 1, s: group.s + n });
  }
  return [...groups].map(([key, value]) => JSON.stringify({ key, value })).sort();
}

function linesOf(parts: readonly string[]): string[] {
  return parts.flatMap((part) => Buffer.from(part, "latin1").toString().split("\n").filter(Boolean));
}

test.after("nothing is left behind", (t) => {
  t.deepEqual(runs.leftovers(), []);
});

for (const [what, content] of Object.entries(contents)) {
  test.serial(`${what}: the same bytes as with a survey before all else, and the right ones`, async (t) => {
    const [plain, twin] = twins(content);
    const expected = recordsOf(content);
    for (const name of ["grouped", "copied"] as const) {
      const job = jobs[name];
      const options = { splitSize: 20_000 };
      const optimistic = await runs.run(job, { input: plain, ...options });
      const careful = await runs.run(job, { input: twin, ...options });
      t.true(careful.stages.includes("survey"));
      t.is(optimistic.stages.includes("survey"), what !== "no quotes", name);
      t.deepEqual(optimistic.parts, careful.parts, name);
      t.is(optimistic.manifest.records, careful.manifest.records);
      const lines = linesOf(optimistic.parts);
      t.deepEqual(name === "copied" ? lines : lines.sort(), answer(name, expected), name);
    }
  });
}

test.serial("a sort whose samples met no quote gives the bytes of one that knew of it from the start, however many threads read", async (t) => {
  const content = `${rows(5_300_000, 1)}"key 5",17\n"key,\n6",17\n${rows(200_000, 2)}`;
  const [plain, twin] = twins(content);
  const expected = answer("sorted", recordsOf(content));
  const careful = await runs.run(jobs.sorted, { input: twin, splitSize: 1 << 20 });
  for (const threads of [1, 3]) {
    const optimistic = await runs.run(jobs.sorted, { input: plain, splitSize: 1 << 20, threads });
    t.deepEqual(optimistic.stages, ["survey", "sample", "map", "reduce"]);
    t.deepEqual(optimistic.parts, careful.parts);
    t.deepEqual(linesOf(optimistic.parts).sort(), expected);
  }
});

const damaged = `${rows(150_000, 1)}key 1,2,3\nkey 1,4\n${rows(150_000, 2)}`;

test.serial("bad records are counted, skipped and quarantined as with a survey before all else", async (t) => {
  const [plain, twin] = twins(damaged);
  for (const job of Object.values(jobs)) {
    const [optimistic, careful] = [await runs.run(job, { input: plain, splitSize: 20_000, onBadRecord: "quarantine" }), await runs.run(job, { input: twin, splitSize: 20_000, onBadRecord: "quarantine" })];
    t.deepEqual(optimistic.parts, careful.parts);
    t.is(optimistic.manifest.badRecords, 1);
    t.deepEqual(optimistic.manifest.quarantine.map(({ file, rows: count }) => [file, count]), careful.manifest.quarantine.map(({ file, rows: count }) => [file, count]));
    t.is(optimistic.manifest.records, careful.manifest.records);
  }
});

test.serial("what looks like bad records inside of quotes is none, whoever comes to it first", async (t) => {
  // The first split comes to its quote long after the second has begun with what it takes for a bad record.
  const [plain, twin] = twins(`${rows(900_000, 1)}"${"one field\n".repeat(150_000)}",3\n${rows(1000, 2)}`);
  for (const job of Object.values(jobs)) {
    for (const onBadRecord of job === jobs.sorted ? (["fail"] as const) : (["fail", "skip"] as const)) {
      const [optimistic, careful] = [await runs.run(job, { input: plain, splitSize: 1_000_000, onBadRecord }), await runs.run(job, { input: twin, splitSize: 1_000_000, onBadRecord })];
      t.deepEqual(optimistic.parts, careful.parts);
      t.is(optimistic.manifest.badRecords, 0);
    }
  }
});

test.serial("a bad record, and a record that map throws on, fail the job with the same words as with a survey before all else", async (t) => {
  const [plain, twin] = twins(damaged);
  const throwing = runs.job("throwing", `{ name: "throwing", input: ${input}, map: (r, emit) => { if (r.k === "key 3" && r.n === 4) throw new Error("no"); emit(r); }, output: jsonl() }`);
  const [one, other] = twins(`${rows(150_000, 1)}key 3,4\n${rows(100, 2).replaceAll("key 3,4", "key 3,5")}`);
  for (const [job, ...pair] of [[jobs.copied, plain, twin], [jobs.grouped, plain, twin], [throwing, one, other]] as const) {
    const [optimistic, careful] = await Promise.all(pair.map(async (path) => {
      const failure = await runs.failure(job, { input: path, splitSize: 20_000 });
      return JSON.parse(JSON.stringify(failure).replaceAll(path, "input").replace(/-[0-9a-f]{6}_m/, "")) as typeof failure;
    }));
    t.deepEqual(optimistic, careful);
    t.regex(optimistic!.context ?? "", job === throwing ? /failed twice with the same error/ : /^Task .* failed; last on worker local$/);
  }
});
