/** What a job's own code can do wrong: each ends in bounded time, with one cause that says where, and leaves nothing behind. */
import test from "ava";
import { InvalidJobError, UsageError } from "../errors.js";
import { LocalRuns } from "../testing/local-run.js";

const runs = new LocalRuns();
const lines = runs.write("lines.txt", Array.from({ length: 2000 }, (_, i) => `line ${i} of some text\n`).join(""));
const input = { input: lines, splitSize: 16_384 };

function mapJob(name: string, map: string): string {
  return runs.job(name, `{ name: "${name}", input: text(), key: t.utf8(), value: t.float64(), ${map}, reduce: sum(), output: tsv() }`);
}

test.after("nothing is left behind", (t) => {
  t.deepEqual(runs.leftovers(), []);
});

test.serial("a throw names the error, the file, the byte, the record and the line of the job", async (t) => {
  const failure = await runs.failure(mapJob("throws", `map(line, emit) {\n if (line.startsWith("line 1500 ")) throw new RangeError("no such line");\n emit(line, 1);\n }`), input);
  t.is(failure.kind, "user-error");
  t.is(failure.message, "map: RangeError: no such line");
  t.is(failure.file, lines);
  t.is(failure.record, "line 1500 of some text");
  t.regex(failure.stack ?? "", /throws\.ts:4:\d+/);
  t.regex(failure.context ?? "", /^Task throws-\w+_m_\d{5} .* failed twice with the same error/);
});

test.serial("an emit that does not fit its type shows the value and the line of the job", async (t) => {
  const failure = await runs.failure(mapJob("misfit", `map(line, emit) { emit(line, line as unknown as number); }`), input);
  t.regex(failure.message, /emit: the value does not fit its type: expected float64, got "line \d+ of some text" \(string\)/);
  t.regex(failure.stack ?? "", /misfit\.ts:3:/);
});

test.serial("a rejected async map is an error like a thrown one", async (t) => {
  const failure = await runs.failure(mapJob("rejects", `async map(line, emit) { await null; if (line.startsWith("line 7 ")) throw new Error("seven"); emit(line, 1); }`), input);
  t.is(failure.message, "map: Error: seven");
  t.is(failure.record, "line 7 of some text");
});

test.serial("an error that nobody awaits fails the job all the same", async (t) => {
  const failure = await runs.failure(mapJob("stray", `map(line, emit) { if (line.startsWith("line 7 ")) void Promise.reject(new Error("stray")); emit(line, 1); }`), input);
  t.regex(failure.message, /Error: stray/);
});

test.serial("process.exit ends the attempt, not the run, and is told", async (t) => {
  const failure = await runs.failure(mapJob("exits", `map(line, emit) { if (line.startsWith("line 7 ")) process.exit(3); emit(line, 1); }`), input);
  t.regex(failure.message, /exit code 3 \(process\.exit\)/);
});

test.serial("of short tasks that a thread runs in a row, only the one that ends the thread is to blame", async (t) => {
  const job = mapJob("exits-late", `map(line, emit) { if (line.startsWith("line 1900 ")) process.exit(3); emit(line, 1); }`);
  const failure = await runs.failure(job, { input: lines, splitSize: 64 });
  const offset = Buffer.from(Array.from({ length: 1900 }, (_, i) => `line ${i} of some text\n`).join("")).length;
  t.regex(failure.message, /exit code 3 \(process\.exit\)/);
  t.regex(failure.context ?? "", new RegExp(`_m_0*${Math.floor(offset / 64)} .*failed`));
});

test.serial("a task that kills its process is found out by running alone, and named", async (t) => {
  const failure = await runs.failure(mapJob("kills", `map(line, emit) { if (line.startsWith("line 7 ")) process.kill(process.pid, "SIGKILL"); emit(line, 1); }`), input);
  t.is(failure.kind, "executor-died");
  t.regex(failure.message, /signal SIGKILL/);
  t.regex(failure.context ?? "", /_m_00000 .* killed its executor 3 times \(limit 3\), the last time while alone in it/);
});

test.serial("a process that dies once costs time and nothing else", async (t) => {
  const marker = `${runs.folder}/died-once`;
  const job = mapJob("once", `map(line, emit) { const fs = process.getBuiltinModule("fs"); if (line.startsWith("line 7 ") && !fs.existsSync(${JSON.stringify(marker)})) { fs.writeFileSync(${JSON.stringify(marker)}, ""); process.kill(process.pid, "SIGKILL"); } emit(line.slice(0, 6), 1); }`);
  const { parts } = await runs.run(job, input);
  const total = parts.join("").trimEnd().split("\n").reduce((sum, line) => sum + Number(line.split("\t")[1]), 0);
  t.is(total, 2000);
});

test.serial("a loop without end is stopped when it makes no progress", async (t) => {
  const failure = await runs.failure(mapJob("loops", `map(line, emit) { if (line.startsWith("line 7 ")) for (;;); emit(line, 1); }`), { ...input, taskTimeout: 700, maxAttempts: 2 });
  t.is(failure.kind, "task-timeout");
});

test.serial("a promise that never settles is stopped likewise", async (t) => {
  const failure = await runs.failure(mapJob("waits", `async map(line) { await new Promise(() => {}); }`), { ...input, taskTimeout: 700, maxAttempts: 1 });
  t.is(failure.kind, "task-timeout");
});

test.serial("a heap that overflows fails the attempt with that cause", async (t) => {
  const failure = await runs.failure(mapJob("fills", `map(line, emit) { const all = []; for (;;) all.push({ line, at: all.length }); }`), { ...input, maxAttempts: 1, heap: 64 << 20 });
  t.is(failure.kind, "out-of-memory");
});

test.serial("a partition function out of range is refused with key and result", async (t) => {
  const job = runs.job("wild", `{ name: "wild", input: text(), key: t.utf8(), value: t.float64(), map: (line, emit) => emit("k", 1), partition: () => 2.5, partitions: 3, reduce: sum(), output: tsv() }`);
  const failure = await runs.failure(job, input);
  t.regex(failure.message, /partition: expected a whole number from 0 to 2 for the key "k" \(string\), got 2\.5/);
});

test.serial("an error in reduce names the key", async (t) => {
  const job = runs.job("reduces", `{ name: "reduces", input: text(), key: t.utf8(), value: t.float64(), map: (line, emit) => emit(line.slice(0, 6), 1), reduce(key) { if (key === "line 5") throw new Error("five"); }, output: tsv() }`);
  const failure = await runs.failure(job, input);
  t.is(failure.message, "reduce: Error: five");
  t.is(failure.record, 'key "line 5"');
});

test.serial("a row that does not fit the output names the column", async (t) => {
  const failure = await runs.failure(runs.job("rows", `{ name: "rows", input: text(), map: (line, emit) => emit({ n: line }), output: csv({ n: t.int32() }) }`), input);
  t.regex(failure.message, /column "n": expected int32, got "line/);
});

test.serial("a job that is another one in each thread is not run", async (t) => {
  // The thread that described it holds on to its first task, so that another one has to load it.
  const failure = await runs.failure(runs.job("random", `{ name: "random" + Math.random(), input: text(), map: () => new Promise(() => {}), output: text() }`), { ...input, threads: 2 });
  t.is(failure.kind, "plan-not-deterministic");
});

test.serial("parameters are checked before anything runs", async (t) => {
  const job = runs.write("params.ts", `import { defineJob, text } from "millrace"; import { z } from "zod";
export default defineJob({ name: "params", input: text(), params: z.object({ least: z.number(), tags: z.array(z.string()).default([]) }), map: (line, emit, ctx) => emit(line.length + ctx.params.least + ctx.params.tags.join()), output: text() });`);
  // The job lies outside of any package, so its zod is this repository's.
  const { symlinkSync } = await import("node:fs");
  symlinkSync(new URL("../../node_modules", import.meta.url), `${runs.folder}/node_modules`);
  await t.throwsAsync(runs.run(job, input), { instanceOf: UsageError, message: /--param least=\.\.\. is missing/ });
  await t.throwsAsync(runs.run(job, { ...input, params: { least: "many" } }), { instanceOf: UsageError, message: /--param least=many: .*expected number/ });
  await t.throwsAsync(runs.run(job, { ...input, params: { least: "1", typo: "x" } }), { instanceOf: UsageError, message: /no such parameter; it has least, tags/ });
  const { parts } = await runs.run(job, { ...input, params: { least: "100", tags: "a" } });
  t.is(parts[0]!.split("\n")[0], `${"line 0 of some text".length + 100}a`);
});

test.serial("a module that is no job is refused with what to do", async (t) => {
  await t.throwsAsync(runs.run(runs.write("five.ts", "export default 5;"), input), { instanceOf: InvalidJobError });
  await t.throwsAsync(runs.run(runs.write("nothing.ts", "export const x = 5;"), input), { instanceOf: InvalidJobError });
  await t.throwsAsync(runs.run(runs.write("fails.ts", 'throw new Error("at load");'), input), { instanceOf: InvalidJobError, message: /at load/ });
  await t.throwsAsync(runs.run(runs.job("typo", `{ name: "x", input: text(), map: (line, emit) => emit(line), ouput: text() }`), input), { instanceOf: InvalidJobError, message: /no option `ouput`/ });
});
