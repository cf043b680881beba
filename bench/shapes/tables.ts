/** The tables that shapes are measured on. Most have the same columns, and differ in the key or in how rows are written. */
import { Random } from "../../datasets/generators/random.js";
import type { Table } from "./table.js";
import { CYRILLIC, fresh, LATIN, MANY_SCRIPTS, oneOf, orEmpty, skewed, type TextsOf } from "./texts.js";

interface Row {
  readonly key: string;
  readonly name: string;
  readonly n: string;
  /** A double of up to 17 digits. */
  readonly v: string;
  /** Three decimals. */
  readonly w: string;
  readonly day: string;
}

const COLUMNS = { key: "VARCHAR", name: "VARCHAR", n: "BIGINT", v: "DOUBLE", w: "DOUBLE", day: "DATE" };
const KEYS = 100_000;
const SHORT = oneOf(KEYS, fresh(5, 30, LATIN));

export const plain = csv("plain", SHORT);
export const longKeys = csv("long-keys", oneOf(KEYS, fresh(40, 40, LATIN)));
export const unicodeKeys = csv("unicode-keys", oneOf(KEYS, fresh(1, 12, MANY_SCRIPTS)));
export const skewedKeys = csv("skewed-keys", skewed(KEYS, fresh(5, 30, LATIN)));
export const freshKeys = csv("fresh-keys", fresh(12, 16, LATIN));
export const emptyKeys = csv("empty-keys", orEmpty(SHORT));
export const idKeys = csv("id-keys", () => (random) => `id${random.below(120_000)}`);
export const quoted = csv("quoted", SHORT, ({ key, name, n, v, w, day }) => `"${key}","${name.slice(0, 3)}, ""${name.slice(3)}""","${n}","${v}","${w}","${day}"\n`);
export const seldomQuoted = csv("seldom-quoted", SHORT, (row, index) => (index % 100_000 === 99 ? cells({ ...row, key: `"${row.key}, ""too"""` }) : cells(row)));
export const crlf: Table = { ...csv("crlf", SHORT, (row) => cells(row).replace("\n", "\r\n")), crlf: true };
export const newlines = csv("newlines", SHORT, ({ key, name, n, v, w, day }) => `${key},"${name.slice(0, 3)}\n${name.slice(3)}",${n},${v},${w},${day}\n`);
/** Quotes here and there, around cells with or without what needs them; the column `name` has the rough texts. */
export const roughlyQuoted = csv("roughly-quoted", oneOf(5000, fresh(0, 5, [...LATIN.slice(0, 3), ...MANY_SCRIPTS, '"', ",", "\n"])), ({ key, name, n, v, w, day }, index) => {
  const quote = (cell: string, bit: number): string => (/[",\n]/.test(cell) || (index >> bit) % 2 === 0 ? `"${cell.replaceAll('"', '""')}"` : cell);
  return `${[name, key, n, v, w, day].map(quote).join(",")}\n`;
});
export const missing = csv("missing", SHORT, (row, index) => cells({ ...row, ...Object.fromEntries((["n", "v", "w"] as const).filter((_, i) => (index + i) % 5 === 0).map((name) => [name, ""])) }));
export const smallFiles: Table = { ...plain, name: "small-files", files: 1000 };
export const tsv: Table = { ...csv("tsv", SHORT, (row) => cells(row).replaceAll(",", "\t")), format: "tsv" };
export const arrow: Table = { ...plain, name: "arrow", format: "arrow" };
export const json = jsonl("json", SHORT, (row) => row);
export const jsonAnyOrder = jsonl("json-any-order", SHORT, (row, random) => {
  const turn = random.below(row.length);
  return [...row.slice(turn), ...row.slice(0, turn)];
});
export const jsonEscapes = jsonl("json-escapes", oneOf(KEYS, fresh(3, 12, [...LATIN, ...MANY_SCRIPTS, '"', "/"])), (row) => row.map(escape));

export const freshWords = lines("fresh-words", oneOf(3_000_000, fresh(10, 14, [...LATIN, ..."0123456789"])));
export const longWords = lines("long-words", skewed(KEYS, fresh(18, 40, LATIN)));
export const cyrillicWords = lines("cyrillic-words", skewed(KEYS, fresh(2, 10, CYRILLIC)));

export const freshRecords = records("fresh-records", fresh(10, 10, LATIN));
export const skewedRecords = records("skewed-records", skewed(1000, fresh(10, 10, LATIN)));
export const equalRecords = records("equal-records", () => () => "0123456789");
/** The same first eight bytes, and few keys. */
export const prefixRecords = records("prefix-records", () => (random) => `AAAAAAAA${10 + random.below(90)}`);
export const unicodeLines: Table = { name: "unicode-lines", format: "text", columns: { line: "VARCHAR" }, open: drawing(fresh(1, 60, MANY_SCRIPTS), (text) => `${text}\n`) };

const WIDE = Array.from({ length: 50 }, (_, i) => `c${i + 1}`);
export const wide: Table = {
  name: "wide",
  format: "csv",
  columns: Object.fromEntries(WIDE.map((name, i) => [name, i === 2 ? "VARCHAR" : i % 2 === 1 ? "INTEGER" : "DOUBLE"])),
  open: drawing(SHORT, (text, random) => `${WIDE.map((_, i) => (i === 2 ? text : i % 2 === 1 ? random.below(1_000_000) : `${random.below(1000)}.${random.below(100)}`)).join(",")}\n`),
};

function csv(name: string, keys: TextsOf, print: (row: Row, index: number) => string = cells): Table {
  return {
    name,
    format: "csv",
    columns: COLUMNS,
    open: drawing(keys, (key, random, index) => print(makeRow(key, random), index)),
  };
}

function cells({ key, name, n, v, w, day }: Row): string {
  return `${key},${name},${n},${v},${w},${day}\n`;
}

function makeRow(key: string, random: Random): Row {
  const name = random.below(KEYS).toString(36).padStart(4, "0");
  return {
    key,
    name: `${name.slice(0, 3)} ${name.slice(3)}`,
    n: String(random.below(2_000_000) - 1_000_000),
    v: String((random.next() / 2 ** 31 + random.next() / 2 ** 53) * 1000),
    w: `0.${100 + random.below(900)}`,
    day: `2024-${10 + random.below(3)}-${10 + random.below(20)}`,
  };
}

/** Members are JSON texts of name and value, in the order that `arrange` gives. */
function jsonl(name: string, keys: TextsOf, arrange: (members: readonly string[], random: Random) => readonly string[]): Table {
  const members = ({ key, name, n, v, w, day }: Row): string[] => [`"key":${JSON.stringify(key)}`, `"name":"${name}"`, `"n":${n}`, `"v":${v}`, `"w":${w}`, `"day":"${day}"`];
  return { name, format: "jsonl", columns: COLUMNS, open: drawing(keys, (key, random) => `{${arrange(members(makeRow(key, random)), random).join(",")}}\n`) };
}

function escape(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).replaceAll("/", "\\/");
}

/** Lines of twelve words. */
function lines(name: string, words: TextsOf): Table {
  return {
    name,
    format: "text",
    columns: { line: "VARCHAR" },
    open(seed) {
      const random = new Random(seed, name);
      const draw = words(seed);
      return (index) => {
        random.seek(index);
        let line = draw(random);
        for (let word = 1; word < 12; word++) line += ` ${draw(random)}`;
        return `${line}\n`;
      };
    },
  };
}

/** Of 100 bytes: ten of the key, a filler that tells rows apart, a line end. */
function records(name: string, keys: TextsOf): Table {
  const filler = "_".repeat(78);
  return { name, format: "text", columns: { line: "VARCHAR" }, open: drawing(keys, (key, random) => `${key}${filler}${1_000_000_000 + random.below(1_000_000_000)}\r\n`) };
}

function drawing(texts: TextsOf, print: (text: string, random: Random, index: number) => string): Table["open"] {
  return (seed) => {
    const random = new Random(seed, "shapes");
    const draw = texts(seed);
    return (index) => {
      random.seek(index);
      return print(draw(random), random, index);
    };
  };
}
