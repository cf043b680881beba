/** A shipped input reads exactly as one that lies here: records, offsets, errors, in every format and split. */
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { RecordBatchFileWriter, Table, tableToIPC, vectorFromArray } from "apache-arrow";
import test, { type ExecutionContext } from "ava";
import { BadRecordError, TaskFailure } from "../errors.js";
import { withShippedInputs } from "../executor/shipped-inputs.js";
import { arrowBatchBytes } from "../formats/arrow-batches.js";
import { csvStartStates, surveyCsv } from "../formats/csv-survey.js";
import { openBytes } from "../formats/open-bytes.js";
import { openReader } from "../formats/open-reader.js";
import { attemptId, jobId, taskId } from "../model/ids.js";
import type { InputSpec } from "../model/job-spec.js";
import { wholeFile, type InputFile, type Split } from "../model/split.js";
import type { CsvState } from "../model/task.js";
import type { AttemptOrder } from "../protocol/executor-messages.js";
import { FaultyProxy } from "../testing/faulty-proxy.js";
import { splitsOf, TempInputs } from "../testing/temp-input.js";
import { jobWorkDir } from "../storage/layout.js";
import { serveInputs, type ServedInputs } from "./serve-inputs.js";

const inputs = new TempInputs();
const job = jobId("ship", "1");
const token = "a".repeat(32);
const work = inputs.folder;
mkdirSync(jobWorkDir(work, job));

/** The splits as the attempt of a worker sees them that cannot open their files. */
function allShipped(splits: readonly Split[], address: string, always = true): readonly Split[] {
  const header = { job, token, ship: { address, always }, sides: {} } as unknown as AttemptOrder["header"];
  const order = withShippedInputs({ attempt: attemptId(taskId(job, "map", 0), 0), header, work: { type: "map", splits }, folder: work } as unknown as AttemptOrder);
  if (order.work.type !== "map") throw new Error("The work changed");
  return order.work.splits;
}

function shipped(split: Split, address: string, always = true): Split {
  return allShipped([split], address, always)[0]!;
}

async function serving(t: ExecutionContext, ...files: readonly InputFile[]): Promise<ServedInputs> {
  const served = await serveInputs();
  served.offer(job, token, files);
  t.teardown(() => served.close());
  return served;
}

interface Seen {
  readonly record?: unknown;
  readonly offset?: number;
  readonly error?: string;
}

async function readAll(spec: InputSpec, split: Split, csvState?: CsvState): Promise<Seen[]> {
  const seen: Seen[] = [];
  const reader = await openReader(spec, split, { maxRecordBytes: 5_000, chunkBytes: 700, ...(csvState === undefined ? {} : { csvState }) });
  try {
    while (await reader.advance()) {
      for (;;) {
        try {
          if (!reader.next()) break;
          seen.push({ record: plain(reader.record), offset: reader.offset });
        } catch (error) {
          if (!(error instanceof BadRecordError)) throw error;
          seen.push({ error: error.message, offset: error.offset, record: error.record });
        }
      }
    }
    seen.push({ offset: reader.bytesRead });
  } finally {
    reader.close();
  }
  return seen;
}

function plain(record: unknown): unknown {
  if (record instanceof Uint8Array) return Buffer.from(record).toString("hex");
  if (typeof record !== "object" || record === null) return record;
  if ("path" in record && "bytes" in record && "text" in record) return { path: record.path, text: record.text, hex: Buffer.from(record.bytes as Uint8Array).toString("hex") };
  return { ...record };
}

const prose = Array.from({ length: 900 }, (_, i) => `line ${i} grüße ${"x".repeat(i % 90)}`).join("\n");
const quoted = `id,text\n${Array.from({ length: 300 }, (_, i) => `${i},"a ""quoted"" field\nover ${i} lines, ${"y".repeat(i % 50)}"`).join("\r\n")}\nragged,row,here\n9,end\n`;
const jsonl = `${Array.from({ length: 400 }, (_, i) => (i % 97 === 13 ? `{"broken": ${i}` : JSON.stringify({ i, text: "z".repeat(i % 40) }))).join("\n\n")}\n`;
const table = new Table({ n: vectorFromArray(Array.from({ length: 5000 }, (_, i) => i / 3)), s: vectorFromArray(Array.from({ length: 5000 }, (_, i) => `s${i % 70}`)) });
const batches = [table.slice(0, 1000), table.slice(1000, 3000), table.slice(3000)].flatMap((part) => part.batches);
const arrowFile = RecordBatchFileWriter.writeAll(batches).toUint8Array(true);

const cases: readonly { readonly name: string; readonly spec: InputSpec; readonly file: InputFile }[] = [
  { name: "text", spec: { format: "text", paths: [] }, file: inputs.write("a.txt", `\ufeff${prose}\n${"long".repeat(2000)}\nend`) },
  { name: "text without a byte", spec: { format: "text", paths: [] }, file: inputs.write("empty.txt", "") },
  { name: "gzip", spec: { format: "text", paths: [] }, file: inputs.write("a.txt.gz", Buffer.concat([gzipSync(prose), gzipSync("second member\n"), Buffer.alloc(512)]), "gzip") },
  { name: "csv", spec: { format: "csv", paths: [], delimiter: ",", header: true }, file: inputs.write("a.csv", quoted) },
  { name: "tsv", spec: { format: "tsv", paths: [], delimiter: "\t", header: false }, file: inputs.write("a.tsv", prose.replaceAll(" ", "\t")) },
  { name: "jsonl", spec: { format: "jsonl", paths: [] }, file: inputs.write("a.jsonl", jsonl) },
  { name: "records", spec: { format: "records", paths: [], bytes: 17 }, file: inputs.write("a.bin", Buffer.from(prose.repeat(2)).subarray(0, 17 * 4001)) },
  { name: "files", spec: { format: "files", paths: [] }, file: inputs.write("whole.txt", "a whole file\n") },
  { name: "files that are too long", spec: { format: "files", paths: [] }, file: inputs.write("long.txt", prose) },
  { name: "files of gzip", spec: { format: "files", paths: [] }, file: inputs.write("whole.gz", gzipSync("whole")), },
  { name: "arrow file", spec: { format: "arrow", paths: [] }, file: inputs.write("a.arrow", arrowFile) },
  { name: "arrow stream", spec: { format: "arrow", paths: [] }, file: inputs.write("s.arrow", tableToIPC(table, "stream")) },
];

for (const { name, spec, file: listed } of cases) {
  test(`${name}: each split gives what it gives where the file lies`, async (t) => {
    const file = spec.format === "arrow" ? { ...listed, batchBytes: await arrowBatchBytes(listed.path) } : listed;
    const served = await serving(t, file);
    const whole = spec.format === "files" || file.compression !== "none";
    for (const size of whole ? [Infinity] : spec.format === "arrow" ? [1, 2] : [777, 4096, 33_333]) {
      const splits = size === Infinity ? [wholeFile(file)] : spec.format === "arrow" ? arrowSplits(file, size) : splitsOf(file, size);
      const states = spec.format === "csv" ? await statesOf(spec.delimiter, splits, served.address, t) : [];
      for (const [i, split] of splits.entries()) {
        t.deepEqual(await readAll(spec, shipped(split, served.address), states[i]), await readAll(spec, split, states[i]), `split ${i} of ${size}`);
      }
    }
    if (listed.size > 0 && name !== "files that are too long") t.true((await served.stats()).bytes > 0, "nothing was shipped");
  });
}

function arrowSplits(file: InputFile, batchesEach: number): Split[] {
  const count = file.batchBytes!.length;
  return Array.from({ length: Math.ceil(count / batchesEach) }, (_, i) => ({ file, start: i * batchesEach, end: Math.min(count, (i + 1) * batchesEach) }));
}

async function statesOf(delimiter: string, splits: readonly Split[], address: string, t: ExecutionContext): Promise<CsvState[]> {
  const survey = async (split: Split): ReturnType<typeof surveyCsv> => {
    const source = openBytes(split.file, split.start);
    try {
      return await surveyCsv(source, split, delimiter);
    } finally {
      source.close();
    }
  };
  const transitions = [];
  for (const split of splits) {
    transitions.push(await survey(split));
    t.deepEqual(await survey(shipped(split, address)), transitions.at(-1));
  }
  return csvStartStates(transitions, [0]);
}

async function failureOf(spec: InputSpec, split: Split): Promise<string> {
  const error = await readAll(spec, split).catch((reason: unknown) => reason);
  return error instanceof TaskFailure ? error.failure.kind : `no failure: ${String(error)}`;
}

const TEXT: InputSpec = { format: "text", paths: [] };

test("an input that changed, was touched or vanished since it was planned is noticed as such", async (t) => {
  for (const change of [(path: string) => writeFileSync(path, `${prose} and more`), (path: string) => utimesSync(path, 1, 1), (path: string) => rmSync(path)]) {
    const file = inputs.write("changing.txt", prose);
    const served = await serving(t, file);
    change(file.path);
    t.is(await failureOf(TEXT, shipped(wholeFile(file), served.address)), "input-changed");
    // The file is here, but not as it was planned, so the coordinator's machine is asked, and knows.
    t.is(await failureOf(TEXT, shipped(wholeFile(file), served.address, false)), "input-changed");
  }
});

test("an input that is here as it was planned is opened, unless the job ships always", async (t) => {
  const file = inputs.write("here.txt", prose);
  const split = wholeFile(file);
  t.is(shipped(split, "nowhere:1", false).file, file);
  t.not(shipped(split, "nowhere:1").file.remote, undefined);
  const elsewhere = { ...split, file: { ...file, path: `${file.path}-elsewhere` } };
  t.not(shipped(elsewhere, "nowhere:1", false).file.remote, undefined);
});

test("each file of a task that reads several is told where to find it", async (t) => {
  const [here, gone] = [inputs.write("here.txt", prose), inputs.write("gone.txt", `${prose} of another`)];
  const served = await serving(t, here, gone);
  const splits = [wholeFile(here), wholeFile(gone)];
  const direct = [await readAll(TEXT, splits[0]!), await readAll(TEXT, splits[1]!)];
  const seen = allShipped(splits, served.address);
  for (const [i, split] of seen.entries()) {
    t.is(split.file.path, splits[i]!.file.path);
    t.deepEqual(await readAll(TEXT, split), direct[i]);
  }
});

test("a damaged, cut or silent transfer is asked for again; one that never comes fails the attempt, not the job", async (t) => {
  const file = inputs.write("transfer.txt", prose.repeat(4));
  const served = await serving(t, file);
  const direct = await readAll(TEXT, wholeFile(file));
  for (const type of ["cut", "flip"] as const) {
    const proxy = await FaultyProxy.start(served.address, (connection) => (connection === 0 ? { type, at: 30_000 } : { type: "none" }));
    t.teardown(() => proxy.close());
    t.deepEqual(await readAll(TEXT, shipped(wholeFile(file), proxy.address)), direct, type);
  }
  const dead = await FaultyProxy.start(served.address, () => ({ type: "cut", at: 10 }));
  t.teardown(() => dead.close());
  t.is(await failureOf(TEXT, shipped(wholeFile(file), dead.address)), "io-error");
});

test("only inputs of the job, by their table names, to bearers of its token, until it is withdrawn", async (t) => {
  const file = inputs.write("secret.txt", prose);
  const served = await serving(t, file);
  const split = shipped(wholeFile(file), served.address);
  const wrong = { ...split, file: { ...split.file, remote: { ...split.file.remote!, token: "b".repeat(32) } } };
  t.is(await failureOf(TEXT, wrong), "io-error");
  const other = inputs.write("not-offered.txt", prose);
  t.is(await failureOf(TEXT, shipped(wholeFile(other), served.address)), "io-error");
  served.withdraw(job);
  t.is(await failureOf(TEXT, split), "io-error");
  const { responses } = await served.stats();
  t.deepEqual(Object.keys(responses).sort(), ["403", "404"]);
});

test("copies are whole or not there, and lie in the job's folder", async (t) => {
  const file = { ...inputs.write("copied.arrow", arrowFile), batchBytes: [1, 1, 1] };
  const served = await serving(t, file);
  const split = shipped(wholeFile(file), served.address);
  const spec: InputSpec = { format: "arrow", paths: [] };
  await Promise.all([readAll(spec, split), readAll(spec, split)]);
  const { copy } = split.file.remote!;
  t.true(existsSync(copy));
  t.is(dirname(copy), jobWorkDir(work, job));
  t.deepEqual(readdirSync(dirname(copy)).filter((name) => name.startsWith(".")), []);
});
