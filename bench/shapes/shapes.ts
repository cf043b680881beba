/** The shapes of data that are measured: a job of bench/jobs over a table, and the same in SQL. A new one is an entry here, and a table if there is none like it. */
import { sameWithin, sortedLines, type AnswerRule } from "../harness/answers.js";
import type { Table } from "./table.js";
import * as tables from "./tables.js";

export interface Shape {
  readonly title: string;
  readonly table: Table;
  /** In bench/jobs. */
  readonly job: string;
  /** From `rows`, the table; `side` is that of ids and classes. */
  readonly sql: string;
  readonly answer: AnswerRule;
  /** Polars' SQL reads the table and knows what the query asks for. */
  readonly polars: boolean;
}

const BY_KEY = "SELECT key, sum(n), avg(v) FROM rows GROUP BY key";
const WORDS = "SELECT word, count(*) FROM (SELECT unnest(string_split(line, ' ')) AS word FROM rows) WHERE word <> '' GROUP BY word";
const BY_TWO = "SELECT name, day, count(*), max(w) FROM rows GROUP BY name, day";
const JOIN = "SELECT class, sum(n), avg(v) FROM rows JOIN side ON rows.key = side.id GROUP BY class";
const SORT_RECORDS = "SELECT line || chr(13) FROM rows ORDER BY substr(line, 1, 10)";

export const shapes: readonly Shape[] = [
  grouped("words, 3 million different ones", tables.freshWords, "words", WORDS, false),
  grouped("words of 18 to 40 bytes", tables.longWords, "words", WORDS, false),
  grouped("words in Cyrillic", tables.cyrillicWords, "words", WORDS, false),
  grouped("plain map with `split`, Cyrillic", tables.cyrillicWords, "words-split", WORDS, false),
  grouped("CSV by 100,000 texts: sum of int64, mean of doubles with 17 digits", tables.plain, "shapes/csv-by-key", BY_KEY),
  grouped("keys of 40 bytes", tables.longKeys, "shapes/csv-by-key", BY_KEY),
  grouped("keys in many scripts", tables.unicodeKeys, "shapes/csv-by-key", BY_KEY),
  grouped("keys by Zipf's law", tables.skewedKeys, "shapes/csv-by-key", BY_KEY),
  grouped("nearly unique keys", tables.freshKeys, "shapes/csv-by-key", BY_KEY),
  // Polars and DuckDB take an empty cell for null, which has a group of its own.
  grouped("every other key empty", tables.emptyKeys, "shapes/csv-by-key", "SELECT coalesce(key, ''), sum(n), avg(v) FROM rows GROUP BY coalesce(key, '')"),
  grouped("all cells in quotes, some with quotes and commas", tables.quoted, "shapes/csv-by-name", "SELECT name, count(*), sum(w) FROM rows GROUP BY name"),
  grouped("one row in 100,000 in quotes", tables.seldomQuoted, "shapes/csv-by-key", BY_KEY),
  grouped("CRLF", tables.crlf, "shapes/csv-by-key", BY_KEY),
  grouped("a newline in a cell of each row", tables.newlines, "shapes/csv-by-key", BY_KEY),
  grouped("quotes here and there, around newlines and many scripts", tables.roughlyQuoted, "shapes/csv-by-name", "SELECT replace(coalesce(name, ''), chr(10), '\\n'), count(*), sum(w) FROM rows GROUP BY name", false),
  grouped("rows under two conditions", tables.plain, "shapes/csv-where", "SELECT key, sum(n), avg(v) FROM rows WHERE n > 0 AND w < 0.55 GROUP BY key"),
  // A sum of nothing is 0 here.
  grouped("one number in five missing", tables.missing, "shapes/csv-missing", "SELECT key, coalesce(sum(n), 0), avg(v), max(w) FROM rows GROUP BY key"),
  grouped("50 columns", tables.wide, "shapes/csv-wide", "SELECT c3, sum(c50) FROM rows GROUP BY c3"),
  grouped("1,000 small files", tables.smallFiles, "shapes/csv-by-key", BY_KEY),
  grouped("TSV", tables.tsv, "shapes/tsv-by-key", BY_KEY),
  grouped("CSV by 2 million int32", tables.plain, "shapes/csv-by-number", "SELECT n, count(*), sum(w) FROM rows GROUP BY n"),
  grouped("CSV by date", tables.plain, "shapes/csv-by-date", "SELECT day, count(*), max(w) FROM rows GROUP BY day"),
  grouped("CSV by two texts", tables.plain, "shapes/csv-by-two", BY_TWO),
  grouped("CSV joined with 100,000 rows by a text", tables.idKeys, "shapes/csv-join", JOIN),
  grouped("the same join by a plain map", tables.idKeys, "shapes/csv-join-plain", JOIN),
  grouped("Arrow", tables.arrow, "shapes/arrow-by-key", BY_KEY),
  grouped("JSON lines", tables.json, "shapes/json-by-key", BY_KEY),
  grouped("JSON lines, members in any order", tables.jsonAnyOrder, "shapes/json-by-key", BY_KEY),
  grouped("JSON lines, escapes in keys", tables.jsonEscapes, "shapes/json-by-key", BY_KEY),
  sorted("sort of nearly unique keys", tables.freshRecords, "tera-sort", SORT_RECORDS, 10),
  sorted("sort of keys by Zipf's law", tables.skewedRecords, "tera-sort", SORT_RECORDS, 10),
  sorted("sort of equal keys", tables.equalRecords, "tera-sort", SORT_RECORDS, 10),
  sorted("sort of 90 keys with one prefix", tables.prefixRecords, "tera-sort", SORT_RECORDS, 10),
  sorted("sort of lines in many scripts", tables.unicodeLines, "shapes/sort-lines", "SELECT line FROM rows ORDER BY line"),
  sorted("the same by a plain map and reduce", tables.unicodeLines, "shapes/sort-lines-plain", "SELECT line FROM rows ORDER BY line"),
];

function grouped(title: string, table: Table, job: string, sql: string, polars = true): Shape {
  return { title, table, job, sql, answer: sameWithin(1e-9), polars };
}

/** By `keyBytes`, or whole lines. */
function sorted(title: string, table: Table, job: string, sql: string, keyBytes?: number): Shape {
  return { title, table, job, sql, answer: sortedLines(keyBytes), polars: false };
}
