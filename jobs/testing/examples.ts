/**
 * Each example with an input and its answer, computed another way: by coreutils, by awk, by another parser, or
 * by a sequential MapReduce of a few lines.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { parse } from "csv-parse/sync";
import { generateBytes } from "../../datasets/generate-bytes.js";

export interface Example {
  readonly job: string;
  readonly input: readonly string[];
  readonly params?: Readonly<Record<string, unknown>>;
  /** Map-only jobs and those whose parts are in total order are compared part after part, others as sets of lines. */
  readonly ordered: boolean;
  /** Bytes of a record, for output that is not lines. */
  readonly recordBytes?: number;
  expected(): readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "millrace-examples-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const BYTES = 300_000;
const moby = write("moby.txt", readFileSync("datasets/moby-dick/moby-dick.txt").subarray(0, BYTES));
const speeches = ["1790_george_washington_n", "1861_abraham_lincoln_r", "1961_john_f_kennedy_d", "2009_barack_obama_d"].map((name) => resolve(`datasets/sotu/${name}.txt`));
const airports = resolve("datasets/flights/airports.csv");
const weather = resolve("datasets/weather/weather.csv");
const flights = resolve("datasets/flights/flights-200k.arrow");
const weblog = generated("weblog");
const requests = jsonRequests(readFileSync(weblog, "utf8"));
const graph = generated("graph");
const sessions = generated("sessions");
const measurements = generated("measurements");
const teragen = generated("teragen");

export const examples: readonly Example[] = [
  { job: "word-count", input: [moby], ordered: false, expected: () => shell(`tr A-Z a-z < ${moby} | grep -oE "[a-z']+" | sort | uniq -c | awk '{print $2 "\\t" $1}'`) },
  { job: "word-families", input: [moby], ordered: false, expected: wordFamilies },
  { job: "grep", input: [moby], params: { pattern: "[Ww]hale" }, ordered: true, expected: () => shell(`grep -b -H '[Ww]hale' ${moby}`) },
  { job: "inverted-index", input: speeches, ordered: false, expected: invertedIndex },
  {
    job: "url-access-count",
    input: [weblog],
    ordered: false,
    expected: () => shell(`awk '{n[$7]++; b[$7]+=($10=="-"?0:$10)} END {for (u in n) print u "," n[u] "," b[u]}' ${weblog}`),
  },
  {
    job: "errors-by-section",
    input: [requests],
    ordered: false,
    expected: () => shell(`awk '$9>=400 {split($7,p,/[^A-Za-z0-9_]+/); k=(p[2]==""?"(root)":p[2])","$9; n[k]++; b[k]+=$10} END {for (k in n) print k "," n[k] "," b[k]}' ${weblog}`),
  },
  { job: "reverse-links", input: [graph], ordered: false, expected: reverseLinks },
  { job: "term-vector", input: speeches, params: { terms: 5 }, ordered: false, expected: termVectors },
  { job: "top-k", input: [flights], ordered: false, expected: longestDelays },
  { job: "sessions", input: [sessions], ordered: false, expected: sessionsOf },
  { job: "tera-sort", input: [teragen], ordered: true, recordBytes: 100, expected: () => recordsOf(readFileSync(teragen), 100).sort((a, b) => compare(a.slice(0, 10), b.slice(0, 10))) },
  { job: "stations", input: [measurements], ordered: false, expected: stations },
  { job: "weather-by-month", input: [weather], ordered: false, expected: weatherByMonth },
  { job: "airports-to-jsonl", input: [airports], params: { state: "CA" }, ordered: true, expected: airportsOf },
];

/** The content of an output as records: lines without headers, or fixed-size records. */
export function contentOf(example: Example, parts: readonly Uint8Array[]): string[] {
  if (example.recordBytes !== undefined) return parts.flatMap((part) => recordsOf(part, example.recordBytes!));
  const isCsv = ["url-access-count", "sessions", "weather-by-month", "errors-by-section"].includes(example.job);
  const lines = parts.flatMap((part) => Buffer.from(part).toString().split("\n").slice(isCsv ? 1 : 0).filter(Boolean));
  return example.ordered ? lines : lines.sort(compare);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function recordsOf(bytes: Uint8Array, size: number): string[] {
  return Array.from({ length: bytes.length / size }, (_, i) => Buffer.from(bytes.subarray(i * size, (i + 1) * size)).toString("latin1"));
}

function write(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function generated(kind: string): string {
  return write(`${kind}.data`, generateBytes(kind, { bytes: BYTES, seed: 7 }));
}

/** The requests of a log in the combined format as JSON lines, some of them with escapes. */
function jsonRequests(log: string): string {
  const lines = log.trimEnd().split("\n").map((line, i) => {
    const [, url, status, bytes, agent] = /"[A-Z]+ (\S+) \S+" (\d+) (\S+) "[^"]*" "([^"]*)"/.exec(line)!;
    return JSON.stringify({ agent: i % 5 === 0 ? `"${agent}"\n` : agent, url, status: Number(status), ...(bytes === "-" ? {} : { bytes: Number(bytes) }) });
  });
  return write("requests.jsonl", Buffer.from(lines.map((line, i) => (i % 7 === 0 ? line.replaceAll("/", "\\/") : line)).join("\n")));
}

function shell(command: string): string[] {
  return execFileSync("bash", ["-o", "pipefail", "-c", command], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" }, maxBuffer: 1 << 28 }).split("\n").filter(Boolean).sort(command.startsWith("grep") ? () => 0 : compare);
}

/** Groups pairs by key: the middle of a sequential MapReduce. */
function grouped<K, V>(pairs: Iterable<readonly [K, V]>): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

function linesIn(file: string): string[] {
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}

/** With a call for each word where it stands. */
function wordFamilies(): string[] {
  const counts = new Map<string, number>();
  for (const [word] of readFileSync(moby, "utf8").toLowerCase().matchAll(/[\p{L}\p{N}\p{M}]+(?:['\u2019][\p{L}\p{N}\p{M}]+)*/gu)) {
    if (word.length < 4) continue;
    const stem = word.replace(/['\u2019]s$/, "").replace(/(?:e?s|e?d|ing)$/, "");
    counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  return [...counts].map(([stem, count]) => `${stem}\t${count}`).sort(compare);
}

function invertedIndex(): string[] {
  const pairs = speeches.flatMap((file) => [...new Set(readFileSync(file, "utf8").toLowerCase().match(/\p{L}+/gu))].map((word) => [word, basename(file)] as const));
  return [...grouped(pairs)].map(([word, files]) => JSON.stringify({ word, files: files.sort() })).sort(compare);
}

function reverseLinks(): string[] {
  const pairs = linesIn(graph).map((line) => line.split("\t").map(Number).reverse() as [number, number]);
  return [...grouped(pairs)].map(([page, sources]) => [page, sources.length, JSON.stringify(sources.sort((a, b) => a - b))].join("\t")).sort(compare);
}

function termVectors(): string[] {
  return speeches
    .map((file) => {
      const counts = [...grouped((readFileSync(file, "utf8").toLowerCase().match(/[a-z]{4,}/g) ?? []).map((word) => [word, 1] as const))].map(([word, ones]) => [word, ones.length] as const);
      const terms = counts.sort(([a, m], [b, n]) => n - m || compare(a, b)).slice(0, 5);
      return JSON.stringify({ file: basename(file), terms });
    })
    .sort(compare);
}

function longestDelays(): string[] {
  const rows = tableFromIPC(readFileSync(flights)).toArray().map((row) => row!.toJSON() as { delay: number; distance: number; time: number });
  return [...grouped(rows.map((row) => [Math.floor(row.time), row] as const))]
    .map(([hour, each]) => {
      const top = each.sort((a, b) => b.delay - a.delay || b.distance - a.distance || b.time - a.time).slice(0, 5);
      return JSON.stringify({ key: hour, value: top.map(({ delay, distance, time }) => ({ delay, distance, time })) });
    })
    .sort(compare);
}

function sessionsOf(): string[] {
  const events = linesIn(sessions).map((line) => line.split("\t")).map(([user, at]) => [user!, Number(at)] as const);
  return [...grouped(events)]
    .flatMap(([user, times]) => {
      const sorted = times.sort((a, b) => a - b);
      const starts = sorted.filter((at, i) => i === 0 || at - sorted[i - 1]! >= 1_800_000);
      return starts.map((start, i) => {
        const own = sorted.filter((at) => at >= start && at < (starts[i + 1] ?? Infinity));
        return [user, new Date(start).toISOString(), new Date(own.at(-1)!).toISOString(), own.length].join(",");
      });
    })
    .sort(compare);
}

/** The exact sum of numbers below 2^40 or so, rounded once: in units of 2^-60 they are integers. */
function exactSum(values: readonly number[]): number {
  return Number(values.reduce((sum, value) => sum + BigInt(value * 2 ** 60), 0n)) / 2 ** 60;
}

function stations(): string[] {
  const pairs = linesIn(measurements).map((line) => line.split(";")).map(([station, value]) => [station!, Number(value)] as const);
  return [...grouped(pairs)].map(([station, all]) => [station, Math.min(...all) + 0, exactSum(all) / all.length, Math.max(...all) + 0, all.length].join("\t")).sort(compare);
}

function weatherByMonth(): string[] {
  const days = parse(readFileSync(weather), { columns: true }) as { location: string; date: string; precipitation: string; temp_max: string }[];
  return [...grouped(days.map((day) => [`${day.location},${day.date.slice(0, 7)}`, day] as const))]
    .map(([key, own]) => {
      const highs = own.map((day) => Number(day.temp_max));
      return [key, own.length, exactSum(own.map((day) => Number(day.precipitation))), Math.max(...highs), exactSum(highs) / own.length].join(",");
    })
    .sort(compare);
}

function airportsOf(): string[] {
  const rows = parse(readFileSync(airports), { columns: true }) as Record<string, string>[];
  return rows
    .filter((row) => row["state"] === "CA")
    .map(({ iata, name, city, state, latitude, longitude }) => JSON.stringify({ iata, name, place: [city, state].filter(Boolean).join(", "), position: [Number(latitude), Number(longitude)] }));
}
