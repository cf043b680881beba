import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import test from "ava";
import fc from "fast-check";
import { CancelledError } from "../errors.js";
import { LocalRuns } from "../testing/local-run.js";
import { runLocal } from "./run-local.js";

const runs = new LocalRuns();
const words = "constructor the whale __proto__ hasOwnProperty the sea toString é 日本 a".split(" ");
const text = Array.from({ length: 6000 }, (_, i) => [words[i % 11], words[(i * 7) % 11], words[(i * i) % 11]].join(" ")).join("\n");
const lines = runs.write("lines.txt", text);
const wordCount = runs.job("wc", `{ name: "wc", input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { for (const word of line.split(" ")) emit(word, 1); }, reduce: sum(), output: tsv() }`);

/** Word counts as a person would do them, in the order of the keys' bytes. */
function counts(content: string): string[] {
  const found = new Map<string, number>();
  for (const word of content.split(/\s+/).filter(Boolean)) found.set(word, (found.get(word) ?? 0) + 1);
  return [...found].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(([word, n]) => `${word}\t${n}`);
}

function linesOf(parts: readonly string[]): string[] {
  return parts.flatMap((part) => Buffer.from(part, "latin1").toString().split("\n").filter(Boolean));
}

test.after("nothing is left behind", (t) => {
  t.deepEqual(runs.leftovers(), []);
});

test.serial("words are counted, also those that objects inherit, each part in key order", async (t) => {
  const { parts, manifest } = await runs.run(wordCount, { input: lines, partitions: 3, splitSize: 10_000 });
  t.is(parts.length, 3);
  for (const part of parts) {
    const keys = linesOf([part]).map((line) => Buffer.from(line.split("\t")[0]!));
    t.deepEqual(keys, [...keys].sort(Buffer.compare));
  }
  t.deepEqual(linesOf(parts).sort(), counts(text).sort());
  t.is(manifest.records, 6000);
});

test.serial("the manifest tells inputs, parts with their checksums, counters and totals", async (t) => {
  const job = runs.job("counted", `{ name: "counted", input: text(), map(line, emit, ctx) { ctx.counter("__proto__").add(2); ctx.counter("lines").add(); emit(line); }, output: text() }`);
  const { manifest, output } = await runs.run(job, { input: lines, splitSize: 20_000 });
  t.is(manifest.counters["lines"], 6000);
  t.is(manifest.inputs[0]!.path, lines);
  t.is(manifest.parts.reduce((sum, part) => sum + part.rows, 0), 6000);
  for (const part of manifest.parts) t.is(readFileSync(join(output, part.file)).length, part.bytes);
  t.deepEqual(JSON.parse(readFileSync(join(output, "_SUCCESS"), "utf8")), JSON.parse(JSON.stringify(manifest)));
  t.deepEqual(readdirSync(output).filter((name) => !name.startsWith("part-")), ["_SUCCESS"]);
});

test.serial("gzip inputs give what plain ones give", async (t) => {
  const packed = runs.write("lines.txt.gz", Buffer.concat([gzipSync(text.slice(0, 5000)), gzipSync(text.slice(5000))]));
  const { parts } = await runs.run(wordCount, { input: packed });
  t.deepEqual(linesOf(parts), counts(text));
});

test.serial("a damaged gzip fails the job by name, and nothing becomes visible", async (t) => {
  const whole = gzipSync(text);
  const broken = runs.write("broken.txt.gz", whole.subarray(0, whole.length - 10));
  const failure = await runs.failure(wordCount, { input: broken, output: join(runs.folder, "never") });
  t.is(failure.kind, "bad-input");
  t.true(failure.message.includes(broken));
  t.false(existsSync(join(runs.folder, "never")));
});

test.serial("a side input is read whole, and random numbers are the same in every run", async (t) => {
  runs.write("names.csv", "id,name\n1,one\n2,two\n");
  const job = runs.job("sides", `{ name: "sides", input: text(), side: { names: csv({ paths: ${JSON.stringify(join(runs.folder, "names.csv"))} }) }, map(line, emit, ctx) { if (ctx.offset < 100) emit(ctx.side("names").map((row) => row.name).join("+") + ctx.random()); }, output: text() }`);
  const first = await runs.run(job, { input: lines, splitSize: 40_000, threads: 1 });
  const again = await runs.run(job, { input: lines, splitSize: 40_000, threads: 3 });
  t.regex(first.parts[0]!, /^one\+two0\.\d+\n/);
  t.deepEqual(first.parts, again.parts);
  t.is(new Set(linesOf(first.parts)).size, linesOf(first.parts).length);
});

test.serial("bad records are skipped up to the budget, or quarantined with file, offset and error", async (t) => {
  const job = runs.job("dirty", `{ name: "dirty", input: jsonl({ n: t.int32() }), map({ n }, emit) { emit("first " + n); if (n === 13) throw new Error("unlucky"); emit("second " + n); }, output: text() }`);
  const dirty = runs.write("dirty.jsonl", Array.from({ length: 100 }, (_, i) => (i % 40 === 5 ? `{"n": ${i}` : `{"n": ${i}}`)).join("\n"));
  const good = Array.from({ length: 100 }, (_, i) => i).filter((i) => i % 40 !== 5 && i !== 13);

  const skipped = await runs.run(job, { input: dirty, onBadRecord: "skip", splitSize: 300 });
  t.deepEqual(linesOf(skipped.parts), good.flatMap((i) => [`first ${i}`, `second ${i}`]));
  t.is(skipped.manifest.badRecords, 4);

  const { output, manifest } = await runs.run(job, { input: dirty, onBadRecord: "quarantine", splitSize: 300 });
  const set = manifest.quarantine.flatMap((part) => readFileSync(join(output, part.file), "utf8").trim().split("\n").map((line) => JSON.parse(line) as { file: string; offset: number; error: string; record: string }));
  t.deepEqual(set.map((each) => each.record), ['{"n": 5', '{"n": 13}', '{"n": 45', '{"n": 85']);
  const content = readFileSync(dirty, "utf8");
  for (const each of set) t.true(content.startsWith(each.record, each.offset) && each.file === dirty);
  t.regex(set[1]!.error, /Error: unlucky/);

  t.is((await runs.failure(job, { input: dirty, onBadRecord: "skip", maxBadRecords: 3, splitSize: 300 })).kind, "too-many-bad-records");
  t.is((await runs.failure(job, { input: dirty, onBadRecord: "skip", maxBadRecords: "3%", splitSize: 300 })).kind, "too-many-bad-records");
  t.is((await runs.run(job, { input: dirty, onBadRecord: "skip", maxBadRecords: "4%", splitSize: 300 })).manifest.badRecords, 4);
  t.is((await runs.failure(job, { input: dirty })).kind, "bad-record");
});

test.serial("an async map overlaps records and keeps their order", async (t) => {
  const job = runs.job("async", `{ name: "async", input: text(), concurrency: 8, async map(line, emit, ctx) { const at = ctx.offset; await new Promise((r) => setTimeout(r, (at * 7919) % 3)); emit(at + ":" + line); }, output: text() }`);
  const small = runs.write("small.txt", text.slice(0, 3000));
  const { parts } = await runs.run(job, { input: small });
  let offset = 0;
  const expected = text.slice(0, 3000).split("\n").map((line) => [`${offset}:${line}`, (offset += Buffer.byteLength(line) + 1)][0]);
  t.deepEqual(linesOf(parts), expected);
});

test.serial("a reduce may stop early or not read at all, and the next key is right", async (t) => {
  const job = runs.job("early", `{ name: "early", input: text(), key: t.utf8(), value: t.int32(), map(line, emit) { for (const word of line.split(" ")) emit(word, word.length); }, combine: undefined, reduce(key, values, emit) { if (key === "the") return; for (const value of values) { emit(key + " " + value); break; } }, output: text() }`);
  const { parts } = await runs.run(job, { input: lines, memory: 200_000 });
  t.deepEqual(linesOf(parts), counts(text).map((line) => line.split("\t")[0]!).filter((word) => word !== "the").map((word) => `${word} ${word.length}`));
});

test.serial("a custom aggregator and a combiner give what a plain reduce gives", async (t) => {
  const custom = runs.job("custom", `{ name: "custom", input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { for (const word of line.split(" ")) emit(word, 1); }, reduce: { zero: () => ({ n: 0 }), add(acc: { n: number }, value: number) { acc.n += value; }, merge(a: { n: number }, b: { n: number }) { a.n += b.n; }, finish: (acc: { n: number }) => acc.n }, output: tsv() }`);
  const combined = runs.job("combined", `{ name: "combined", input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { for (const word of line.split(" ")) emit(word, 1); }, combine: sum(), reduce(key, values, emit) { let n = 0; for (const value of values) n += value; emit({ key, n }); }, output: tsv({ key: t.utf8(), n: t.float64() }) }`);
  for (const job of [custom, combined]) t.deepEqual(linesOf((await runs.run(job, { input: lines, splitSize: 9000, memory: 100_000 })).parts), counts(text), job);
});

test.serial("no input but empty files still commits parts, each with its header", async (t) => {
  const job = runs.job("none", `{ name: "none", input: text(), key: t.utf8(), value: t.float64(), map: (line, emit) => emit(line, 1), reduce: sum(), output: csv() }`);
  const { parts } = await runs.run(job, { input: runs.write("empty.txt", ""), partitions: 2 });
  t.deepEqual(parts, ["key,value\n", "key,value\n"]);
});

test.serial("a cancelled run removes all that it wrote", async (t) => {
  const job = runs.job("slow", `{ name: "slow", input: text(), async map(line, emit) { await new Promise((r) => setTimeout(r, 20)); emit(line); }, output: text() }`);
  const output = join(runs.folder, "cancelled");
  const handle = runLocal(job, { input: lines, output, threads: 2, workFolder: runs.folder });
  await new Promise<void>((resolve) => handle.onProgress(({ stages }) => stages.some((stage) => stage.records > 0) && resolve()));
  handle.cancel("enough");
  await t.throwsAsync(handle.result, { instanceOf: CancelledError });
  t.false(existsSync(output));
});

test.serial("a job module that never finishes loading can be cancelled", async (t) => {
  const job = runs.write("endless.ts", "await new Promise((resolve) => setTimeout(resolve, 1e9)); export default 1;");
  const handle = runLocal(job, { input: lines, output: join(runs.folder, "endless"), workFolder: runs.folder });
  setImmediate(() => handle.cancel("enough"));
  await t.throwsAsync(handle.result, { instanceOf: CancelledError });
});

test.serial("the same job on more threads and smaller memory gives the same bytes", async (t) => {
  const sha = async (threads: number, memory: number): Promise<string> => {
    const { parts } = await runs.run(wordCount, { input: lines, partitions: 2, splitSize: 7001, threads, memory });
    return createHash("sha256").update(parts.join("|")).digest("hex");
  };
  const expected = await sha(1, 1 << 30);
  for (const [threads, memory] of [[2, 1 << 30], [4, 50_000], [1, 1000]] as const) t.is(await sha(threads, memory), expected);
});

test.serial("a batch map gets columns of good records, and bad ones go by the policy", async (t) => {
  const job = runs.job("batch", `{ name: "batch", input: csv({ id: t.utf8(), n: t.float64() }), key: t.utf8(), value: t.float64(), mapBatch({ length, columns: { id, n } }, emit) { for (let i = 0; i < length; i++) emit(id.get(i), n[i]!); }, onBadRecord: "skip", reduce: sum(), output: tsv() }`);
  const rows = Array.from({ length: 500 }, (_, i) => (i % 100 === 7 ? `x${i % 3},oops` : `x${i % 3},${i}`));
  const { parts, manifest } = await runs.run(job, { input: runs.write("batch.csv", `id,n\n${rows.join("\n")}\n`), splitSize: 1000 });
  const expected = [0, 1, 2].map((id) => `x${id}\t${rows.map((_, i) => i).filter((i) => i % 3 === id && i % 100 !== 7).reduce((sum, i) => sum + i, 0)}`);
  t.deepEqual(linesOf(parts), expected);
  t.is(manifest.badRecords, 5);
  t.is(manifest.records, 500);
});

test.serial("lines come in batches, too", async (t) => {
  const job = runs.job("lines", `{ name: "lines", input: text(), mapBatch({ length, columns: { line } }, emit) { for (let i = 0; i < length; i++) emit(line.get(i)); }, output: text() }`);
  const { parts } = await runs.run(job, { input: lines, splitSize: 30_000 });
  t.is(Buffer.from(parts.join(""), "latin1").toString(), `${text}\n`);
});

test.serial("an input that changes while the job runs fails it, and nothing becomes visible", async (t) => {
  const input = runs.write("changing.txt", text);
  const job = runs.job("changes", `{ name: "changes", input: text(), map(line, emit, ctx) { if (ctx.offset === 0) process.getBuiltinModule("fs").appendFileSync(ctx.file, "more"); emit(line); }, output: text() }`);
  const output = join(runs.folder, "changed");
  const failure = await runs.failure(job, { input, output });
  t.is(failure.kind, "input-changed");
  t.true(failure.message.includes(input));
  t.false(existsSync(output));
});

test.serial("so does one that changes when all maps have read it", async (t) => {
  const input = runs.write("changing-late.txt", text);
  const append = `process.getBuiltinModule("fs").appendFileSync(${JSON.stringify(input)}, "more")`;
  const job = runs.job("late", `{ name: "late", input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { emit(line, 1); }, partitions: 1, reduce(key, values, emit, ctx) { ctx.counter("keys").add(1); if (!globalThis.changed) { globalThis.changed = true; ${append}; } emit(key); }, output: text() }`.replaceAll("globalThis.changed", "(globalThis as { changed?: boolean }).changed"));
  const output = join(runs.folder, "changed-late");
  const failure = await runs.failure(job, { input, output });
  t.is(failure.kind, "input-changed");
  t.true(failure.message.includes(input));
  t.false(existsSync(output));
});

test.serial("composite keys and struct values work in every kind of job", async (t) => {
  const key = "t.struct({ first: t.utf8(), n: t.int64() })";
  const value = "t.struct({ at: t.timestamp(), tags: t.list(t.utf8()), maybe: t.float64().nullable() })";
  const map = "map(line, emit, ctx) { const words = line.split(' '); emit({ first: words[0]!, n: BigInt(words.length) }, { at: new Date(ctx.offset), tags: words, maybe: ctx.offset % 2 === 0 ? null : ctx.offset }); }";
  const small = runs.write("few.txt", text.slice(0, 2000));
  const byHash = runs.job("composite", `{ name: "composite", input: text(), key: ${key}, value: ${value}, ${map}, reduce: aggregate({ n: count(), last: m.max("at"), total: sum("maybe"), tags: m.countDistinct("tags") }), output: jsonl() }`);
  const byFunction = runs.job("grouped", `{ name: "grouped", input: text(), key: ${key}, value: ${value}, ${map}, sortValues: "desc", partition: range(), reduce(key, values, emit) { const all = [...values]; emit({ key, value: { n: all.length, last: all[0]!.at, total: all.reduce((sum, { maybe }) => sum + (maybe ?? 0), 0), tags: new Set(all.map(({ tags }) => tags.join())).size } }); }, output: jsonl() }`);
  const [hash, sorted] = [await runs.run(byHash, { input: small, partitions: 3, splitSize: 500 }), await runs.run(byFunction, { input: small, partitions: 3, splitSize: 500, memory: 5000 })];
  t.true(linesOf(hash.parts).length > 5);
  t.deepEqual(linesOf(hash.parts).sort(), linesOf(sorted.parts).sort());
});

const scripts = fc.array(fc.constantFrom(..."abZ0 \n'’é", "ΑΣ", "İı", "日本", "\u{1f600}", "\r\n", "x".repeat(20), "É", "Ünïcode", "the", " ", "’s"), { minLength: 300, maxLength: 300, size: "max" });

test.serial("words() and lift() give what a plain map gives, over nasty text, whatever the splits and threads", async (t) => {
  const rest = "key: t.utf8(), value: t.float64(), reduce: sum(), output: tsv()";
  const plainly = String.raw`for (const [word] of line.toLowerCase().matchAll(/[\p{L}\p{N}\p{M}]+(?:['\u2019][\p{L}\p{N}\p{M}]+)*/gu))`;
  const pairs = [
    [runs.job("by-kernel", `{ name: "k", input: text(), map: words({ lowercase: true }), ${rest} }`), runs.job("by-hand", `{ name: "h", input: text(), map(line, emit) { ${plainly} emit(word, 1); }, ${rest} }`)],
    [
      runs.job("lifted", `{ name: "l", input: text(), map: words({ lowercase: true }).lift((word) => (word === "the" ? undefined : word.slice(0, 2))), ${rest} }`),
      runs.job("lifted-by-hand", `{ name: "lh", input: text(), map(line, emit) { ${plainly} if (word !== "the") emit(word.slice(0, 2), 1); }, ${rest} }`),
    ],
  ] as const;
  const input = runs.write("nasty.txt", fc.sample(scripts, { numRuns: 4, seed: 3 }).flat().join(""));
  for (const [kernel, plain] of pairs) {
    const expected = linesOf((await runs.run(plain, { input, partitions: 1, threads: 1 })).parts);
    t.true(expected.length > 20);
    for (const [splitSize, threads, memory] of [[97, 2, 1 << 30], [1000, 1, 1 << 30], [1 << 20, 2, 4096]] as const) {
      const { parts } = await runs.run(kernel, { input, partitions: 1, threads, splitSize, memory });
      t.deepEqual(linesOf(parts), expected, `splits of ${splitSize} bytes`);
    }
  }
});

test.serial("a lifted function that throws fails the job with the word it threw on", async (t) => {
  const job = runs.job("lift-throws", `{ name: "lt", input: text(), key: t.utf8(), value: t.float64(), map: words().lift((word) => { if (word === "bad") throw new Error("no stem"); return word; }), reduce: sum(), output: tsv() }`);
  const failure = await runs.failure(job, { input: runs.write("lift.txt", "good bad good\n") });
  t.is(failure.kind, "user-error");
  t.regex(failure.message, /no stem/);
  const misused = runs.job("lift-misused", `{ name: "lm", input: text(), key: t.utf8(), value: t.float64(), map: words().lift(t.utf8(), (word) => word), reduce: sum(), output: tsv() }`);
  await t.throwsAsync(runs.run(misused, { input: runs.folder }), { message: /words\(\)\.lift: takes a function/ });
});

test.serial("words() counts words of any script, as a plain map does", async (t) => {
  const job = runs.job("operator", `{ name: "operator", input: text(), key: t.utf8(), value: t.float64(), map: words({ lowercase: true }), reduce: sum(), output: tsv() }`);
  const input = runs.write("scripts.txt", "Don't STOP, l’été—naïve 日本 x2 _y_\nÉtÉ don't 'quoted'\n");
  const { parts } = await runs.run(job, { input });
  t.deepEqual(linesOf(parts), ["don't\t2", "l’été\t1", "naïve\t1", "quoted\t1", "stop\t1", "x2\t1", "y\t1", "été\t1", "日本\t1"]);
});
