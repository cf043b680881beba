import test from "ava";
import fc from "fast-check";
import { parseJobId } from "../model/ids.js";
import type { InputSpec, JobSpec, ShuffleSpec } from "../model/job-spec.js";
import type { InputFile } from "../model/split.js";
import { splitsOf } from "../model/task.js";
import { describePlan } from "./describe-plan.js";
import type { Plan } from "./plan.js";
import { planJob, type PlanRequest } from "./plan-job.js";

const MIB = 1024 * 1024;
const utf8 = { kind: "utf8", nullable: false } as const;
const shuffle: ShuffleSpec = { key: utf8, value: { kind: "float64", nullable: false }, reduce: { kind: "aggregate", aggregator: { kind: "sum" } }, partition: "hash", sortValues: "none" };
const formats = {
  text: { paths: [], format: "text" },
  csv: { paths: [], format: "csv", delimiter: ",", header: true },
  tsv: { paths: [], format: "tsv", delimiter: "\t", header: false },
  files: { paths: [], format: "files" },
  jsonl: { paths: [], format: "jsonl" },
  arrow: { paths: [], format: "arrow" },
  records: { paths: [], format: "records", bytes: 100 },
} satisfies Record<string, InputSpec>;

function specOf(input: InputSpec, changes: Partial<JobSpec> = {}): JobSpec {
  return { name: "example", input, sides: {}, map: { style: "record", concurrency: 16 }, shuffle, output: { format: "text" }, badRecords: { action: "fail" }, params: {}, ...changes };
}

function file(path: string, size: number, changes: Partial<InputFile> = {}): InputFile {
  return { path, size, mtime: "1", compression: "none", ...changes };
}

function planned(input: InputSpec, files: readonly InputFile[], changes: Partial<PlanRequest> = {}): Plan {
  return planJob({ job: parseJobId("example-1"), spec: specOf(input), bundle: "b".repeat(64), planHash: "p".repeat(64), files, ...changes });
}

function tasksOf(plan: Plan, kind = "map"): string[] {
  const stage = plan.stages.find((candidate) => candidate.kind === kind);
  return (stage?.tasks ?? []).map((work) => splitsOf(work).map(({ file, start, end }) => `${file.path} ${start}-${end}`).join(" + "));
}

function stagesOf(plan: Plan): string[] {
  return plan.stages.map((stage) => [stage.kind, stage.tasks.length, ...stage.after].join(" "));
}

test("byte formats are cut at multiples of the split size, from the start of each file", (t) => {
  for (const format of ["text", "csv", "tsv", "records"] as const) {
    t.deepEqual(tasksOf(planned(formats[format], [file("a", 25), file("b", 10), file("c", 0)], { splitSize: 10 })), ["a 0-10", "a 10-20", "a 20-25", "b 0-10"], format);
  }
});

test("compressed and whole-file inputs are one split each, empty ones too", (t) => {
  const files = [file("a.gz", 25, { compression: "gzip" }), file("b.zst", 0, { compression: "zstd" })];
  t.deepEqual(tasksOf(planned(formats.text, files, { splitSize: 10 })), ["a.gz 0-25", "b.zst 0-0"]);
  t.deepEqual(tasksOf(planned(formats.files, [file("a", 25), file("b", 0)], { splitSize: 10 })), ["a 0-25", "b 0-0"]);
});

test("a task reads a row of small files that make up a split together, each counted with what its opening costs", (t) => {
  const KIB = 1024;
  const small = (...sizes: number[]) => sizes.map((size, i) => file(`f${i}`, size * KIB));
  const table: [string, InputSpec, readonly InputFile[], string[]][] = [
    ["up to the split size", formats.csv, small(192, 192, 192, 192, 1), [`f0 0-${192 * KIB} + f1 0-${192 * KIB} + f2 0-${192 * KIB} + f3 0-${192 * KIB}`, `f4 0-${KIB}`]],
    ["tiny ones too, for each is opened", formats.text, small(...Array<number>(17).fill(0.0625)), [Array.from({ length: 15 }, (_, i) => `f${i} 0-64`).join(" + "), "f15 0-64 + f16 0-64"]],
    ["a large one keeps its cuts, and its parts stay alone", formats.tsv, small(10, 1100, 10, 20), ["f0 0-10240", "f1 0-1048576", "f1 1048576-1126400", "f2 0-10240 + f3 0-20480"]],
    ["not files that are records, which may be much work each", formats.files, small(10, 0, 1), ["f0 0-10240", "f1 0-0", "f2 0-1024"]],
    ["compressed ones by what is stored", formats.jsonl, [file("a.gz", 500 * KIB, { compression: "gzip" }), file("b", 300 * KIB), file("c.gz", 300 * KIB, { compression: "gzip" })], [`a.gz 0-${500 * KIB} + b 0-${300 * KIB}`, `c.gz 0-${300 * KIB}`]],
    ["Arrow files of which all batches are read", formats.arrow, [file("a", 9000, { batchBytes: [4000, 4000] }), file("b", 9000, { batchBytes: [] }), file("c", 9000, { batchBytes: [8000] })], ["a 0-2 + c 0-1"]],
  ];
  for (const [name, input, files, expected] of table) t.deepEqual(tasksOf(planned(input, files, { splitSize: MIB })), expected, name);
});

test("by default the small files of a task are no more than 16 MiB, so that much data in them is many tasks", (t) => {
  const plan = planned(formats.text, Array.from({ length: 400 }, (_, i) => file(`f${i}`, 5 * MIB)));
  t.is(tasksOf(plan).length, 134);
  t.is(tasksOf(planned(formats.text, Array.from({ length: 100 }, (_, i) => file(`f${i}`, 20 * MIB)))).length, 100);
});

test("no task reads more than 256 files, for a message names them all", (t) => {
  const files = Array.from({ length: 600 }, (_, i) => file(`f${i}`, 1));
  t.deepEqual(tasksOf(planned(formats.text, files, { splitSize: 64 * MIB })).map((task) => task.split(" + ").length), [256, 256, 88]);
});

test("a sample of few bytes reads them in the tasks that map them, one of many reads pieces each on its own", (t) => {
  const spec = specOf(formats.csv, { shuffle: { ...shuffle, partition: "range" }, partitions: 2 });
  const plan = (count: number) => planned(formats.csv, Array.from({ length: count }, (_, i) => file(`f${i}`, MIB / 4)), { spec, splitSize: MIB });
  t.deepEqual(tasksOf(plan(16), "sample"), tasksOf(plan(16)));
  t.is(tasksOf(plan(16)).length, 6);
  t.deepEqual(tasksOf(plan(31), "sample"), Array.from({ length: 16 }, (_, i) => `f${2 * i} 0-${MIB / 4}`));
});

test("Arrow splits are runs of record batches that fit in the split size, or one batch that does not", (t) => {
  const table: [number[], string[]][] = [
    [[], []],
    [[5], ["a 0-1"]],
    [[5, 5, 5], ["a 0-2", "a 2-3"]],
    [[50, 3, 3, 3, 50], ["a 0-1", "a 1-4", "a 4-5"]],
    [[10, 10], ["a 0-1", "a 1-2"]],
  ];
  for (const [batchBytes, expected] of table) t.deepEqual(tasksOf(planned(formats.arrow, [file("a", 1000, { batchBytes })], { splitSize: 10 })), expected);
});

test("the default split size is an eighth of the data, from 1 MiB to 128 MiB", (t) => {
  const table: [size: number, splits: number][] = [
    [1, 1],
    [5 * MIB, 5],
    [160 * MIB, 8],
    [500 * MIB, 8],
    [10 * 1024 * MIB, 80],
  ];
  for (const [size, splits] of table) t.is(tasksOf(planned(formats.text, [file("a", size)])).length, splits, `${size}`);
});

test("the default number of partitions follows from the bytes, is higher for ranges, and lower for pairs that fold into little", (t) => {
  const reduces = (other: Partial<ShuffleSpec>) => [0, 32 * MIB, 33 * MIB, 129 * MIB, 1e12].map((size) => planned(formats.text, [file("a", size)], { spec: specOf(formats.text, { shuffle: { ...shuffle, ...other } }) }).partitions);
  t.deepEqual(reduces({}), [1, 1, 1, 2, 128]);
  t.deepEqual(reduces({ reduce: { kind: "function" } }), [1, 1, 2, 5, 128]);
  t.deepEqual(reduces({ reduce: { kind: "aggregate", aggregator: { kind: "collect" } } }), [1, 1, 2, 5, 128]);
  t.deepEqual(reduces({ partition: "range" }), [1, 4, 5, 17, 512]);
});

test("partitions that are asked for win over the job's, and those over the default", (t) => {
  const spec = specOf(formats.text, { partitions: 7 });
  t.is(planned(formats.text, [file("a", 1)], { spec }).partitions, 7);
  t.is(planned(formats.text, [file("a", 1)], { spec, partitions: 3 }).partitions, 3);
  t.throws(() => planned(formats.text, [], { partitions: 0 }), { message: "Partitions must be a whole number from 1, not 0" });
  t.throws(() => planned(formats.text, [], { splitSize: 1.5 }), { message: "Split size must be a whole number of bytes from 1, not 1.5" });
});

test("stages follow from the format, the partition rule and the number of splits", (t) => {
  const range = { ...shuffle, partition: "range" } as const;
  const table: [string, InputSpec, readonly InputFile[], Partial<JobSpec>, string[]][] = [
    ["hash", formats.text, [file("a", 20)], {}, ["map 2", "reduce 1 map"]],
    ["no input makes empty parts", formats.text, [file("a", 0)], { partitions: 3 }, ["map 0", "reduce 3 map"]],
    ["map-only", formats.text, [file("a", 20)], { shuffle: undefined as never }, ["map 2"]],
    ["CSV in one split", formats.csv, [file("a", 10)], {}, ["map 1", "reduce 1 map"]],
    ["CSV in several splits", formats.csv, [file("a", 30), file("b", 5)], {}, ["survey 2", "map 4 survey", "reduce 1 map"]],
    ["TSV needs no survey", formats.tsv, [file("a", 30)], {}, ["map 3", "reduce 1 map"]],
    ["range", formats.text, [file("a", 30)], { shuffle: range, partitions: 2 }, ["sample 3", "map 3 sample", "reduce 2 map"]],
    ["one range", formats.text, [file("a", 30)], { shuffle: range, partitions: 1 }, ["map 3", "reduce 1 map"]],
    ["range of nothing", formats.text, [], { shuffle: range, partitions: 2 }, ["map 0", "reduce 2 map"]],
    ["range of CSV", formats.csv, [file("a", 30)], { shuffle: range, partitions: 2 }, ["survey 2", "sample 3 survey", "map 3 survey sample", "reduce 2 map"]],
  ];
  for (const [name, input, files, changes, expected] of table) t.deepEqual(stagesOf(planned(input, files, { spec: specOf(input, changes), splitSize: 10 })), expected, name);
});

test("surveys leave out the last split of a file, whose end nobody asks for", (t) => {
  const plan = planned(formats.csv, [file("a", 5), file("b", 25), file("c", 20)], { splitSize: 10 });
  t.deepEqual(tasksOf(plan, "survey"), ["b 0-10", "b 10-20", "c 0-10"]);
});

test("splits cover each file once, whatever the sizes", (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { maxLength: 6 }), fc.integer({ min: 1, max: 200 }), (sizes, splitSize) => {
      const plan = planned(formats.text, sizes.map((size, index) => file(`f${index}`, size)), { splitSize });
      const covered = sizes.map(() => 0);
      for (const work of plan.stages.find((stage) => stage.kind === "map")?.tasks ?? []) {
        for (const { file, start, end } of splitsOf(work)) {
          const index = Number(file.path.slice(1));
          if (covered[index] !== start || end <= start || end - start > splitSize) return false;
          covered[index] = end;
        }
      }
      return covered.every((end, index) => end === sizes[index]);
    }),
  );
  t.pass();
});

test("a sample of much data is sixteen pieces of 256 KiB from its very start to its very end", (t) => {
  const spec = specOf(formats.text, { shuffle: { ...shuffle, partition: "range" } });
  const pieces = tasksOf(planned(formats.text, [file("a", 60 * MIB), file("b", 40 * MIB)], { spec, splitSize: 8 * MIB }), "sample");
  t.is(pieces.length, 16);
  t.is(pieces[0], "a 0-262144");
  t.is(pieces.at(-1), `b ${40 * MIB - 262144}-${40 * MIB}`);
});

test("a sample of CSV begins where splits begin", (t) => {
  const spec = specOf(formats.csv, { shuffle: { ...shuffle, partition: "range" } });
  const pieces = tasksOf(planned(formats.csv, [file("a", 100 * MIB)], { spec, splitSize: MIB }), "sample");
  t.is(pieces.length, 16);
  for (const piece of pieces) t.is(Number(piece.split(/[ -]/)[1]) % MIB, 0, piece);
});

test("explain tells stages, sizes, the partition rule, types and why a stage is there", (t) => {
  const input = { ...formats.csv, schema: [{ name: "city", type: utf8 }] };
  const spec = specOf(input, { shuffle: { ...shuffle, partition: "range" }, badRecords: { action: "skip", limit: { share: 0.001 } } });
  t.deepEqual(describePlan(planned(input, [file("a", 25 * MIB), file("b", 100)], { spec, splitSize: 10 * MIB }), spec, true), [
    "Job example (example-1), bundle bbbbbbbbbbbb, plan pppppppppppp",
    "Input: csv (city: utf8), 2 non-empty files, 25 MiB in 4 splits",
    "Stage survey: 2 tasks, on demand",
    "  finds which cuts of CSV files lie inside quotes; runs only when a split turns out to hold a quote, until then splits are read at once",
    "Stage sample: 4 tasks",
    "  because partitions are ranges: maps 768.1 KiB of the input to place their bounds",
    "Stage map: 4 tasks, after sample",
    "  map function over records",
    "  path: plain map, a call for each record; pairs are combined by key in a kernel's table",
    "  path: kernels index and parse the cells",
    "Stage reduce: 4 tasks, after map",
    "  4 partitions by ranges of keys, bounds from a sample",
    "  key utf8, value float64",
    "  reduce by sum",
    "  combiner sum: values of a key are merged before the shuffle",
    "Output: text, 4 parts",
    "Bad records: skip, at most 0.1% of all records",
  ]);
});

test("explain tells which columns a group-by reads, and whether kernels do it", (t) => {
  const int32 = { kind: "int32", nullable: false } as const;
  const maybe = { kind: "float64", nullable: true } as const;
  const binary = { kind: "binary", nullable: false } as const;
  const input = { ...formats.csv, schema: [{ name: "city", type: utf8 }, { name: "n", type: int32 }, { name: "x", type: maybe }, { name: "b", type: binary }] };
  const mapLines = (of: JobSpec["input"], map: Partial<JobSpec["map"]>, kernels = true): string[] => {
    const spec = specOf(of, { shuffle, map: { style: "group-by", concurrency: 1, ...map } });
    const lines = describePlan(planned(of, [file("a", 100)], { spec }), spec, kernels);
    const at = lines.findIndex((line) => line.startsWith("Stage map"));
    return lines.slice(at + 1, at + 3);
  };
  const grouped = (...values: number[]) => ({ groupBy: { keys: [input.schema[0]!], values: values.map((i) => input.schema[i]!), derive: [], where: [] } });
  t.deepEqual(mapLines(input, grouped(1)), ["  group by city, columns read: city, n", "  path: kernels index and parse the cells"]);
  t.deepEqual(mapLines(input, grouped(1, 2)), ["  group by city, columns read: city, n, x", "  path: kernels index and parse the cells"]);
  t.deepEqual(mapLines(input, grouped(3)), ["  group by city, columns read: city, b", "  path: cell by cell, because column b: binary has no kernel"]);
  t.deepEqual(mapLines(input, grouped(1), false), ["  group by city, columns read: city, n", "  path: cell by cell, because this Node has no WebAssembly"]);
  const jsonl = { format: "jsonl", paths: [], schema: input.schema } as const;
  t.is(mapLines(jsonl, grouped(1, 2))[1], "  path: kernels find and parse the members of lines");
  t.is(mapLines(jsonl, grouped(3))[1], "  path: line by line, because column b: binary has no kernel");
  t.is(mapLines(jsonl, { groupBy: { keys: [{ name: "a\ufffd", type: utf8 }], values: [], derive: [], where: [] } })[1], '  path: line by line, because UTF-8 does not tell the name of column "a\ufffd" from others');
  t.deepEqual(mapLines(formats.arrow, grouped(1)), ["  group by city, columns read: city, n", "  path: columns from the arrow reader"]);
  t.deepEqual(mapLines(input, { style: "batch" }), ["  map function over batches of columns", "  path: cell by cell, because column b: binary has no kernel"]);
});
