/** A made table written to files, as an independent writer would do it: each format with all the freedom that it leaves. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as arrow from "apache-arrow";
import type { Chance } from "./chance.js";
import type { Kind, MadeColumn, Value } from "./made-table.js";

export type Format = "csv" | "tsv" | "jsonl" | "arrow";
export const FORMATS: readonly Format[] = ["csv", "csv", "tsv", "jsonl", "arrow"];

/** What the job must be told of the files. */
export interface Written {
  readonly bytes: number;
  /** Options of the dataset, as source text. */
  readonly options: string;
}

/** Writes the rows, in order, to one or more files of the folder. */
export function writeTable(folder: string, table: readonly MadeColumn[], format: Format, chance: Chance): Written {
  const rows = table[0]!.values.length;
  const cuts = [0, ...Array.from({ length: chance.pick([0, 0, 1, 4]) }, () => chance.below(rows + 1)).sort((a, b) => a - b), rows];
  const { encode, options = "" } = WRITERS[format](table, chance);
  const gzip = format !== "arrow" && chance.happens(0.15);
  let bytes = 0;
  for (let i = 0; i + 1 < cuts.length; i++) {
    const content = encode(cuts[i]!, cuts[i + 1]!);
    bytes += content.length;
    writeFileSync(join(folder, `${i}.${format}${gzip ? ".gz" : ""}`), gzip ? gzipSync(content) : content);
  }
  return { bytes, options };
}

interface Writer {
  /** The bytes of a file with these rows. */
  encode(from: number, to: number): Uint8Array;
  readonly options?: string;
}

const WRITERS: Readonly<Record<Format, (table: readonly MadeColumn[], chance: Chance) => Writer>> = { csv: csvWriter, tsv: tsvWriter, jsonl: jsonWriter, arrow: arrowWriter };

function csvWriter(table: readonly MadeColumn[], chance: Chance): Writer {
  const delimiter = chance.pick([",", ",", ";", "|"]);
  const quotes = chance.pick([0, 0.05, 1]);
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const cell = (value: Value, column: MadeColumn): string => {
    if (value === null) return "";
    const text = textOf(value, column.kind, chance);
    return (text === "" && column.nullable) || /["\n\r]/.test(text) || text.includes(delimiter) || chance.happens(quotes) ? quoted(text) : text;
  };
  return lineWriter(table, chance, delimiter, cell, true);
}

const ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

function tsvWriter(table: readonly MadeColumn[], chance: Chance): Writer {
  const cell = (value: Value, { kind }: MadeColumn): string => (value === null ? "" : textOf(value, kind, chance).replace(/[\t\n\r\\]/g, (character) => ESCAPES[character]!));
  return lineWriter(table, chance, "\t", cell, false);
}

function lineWriter(table: readonly MadeColumn[], chance: Chance, delimiter: string, cell: (value: Value, column: MadeColumn) => string, headerByDefault: boolean): Writer {
  const ending = chance.pick(["\n", "\n", "\r\n"]);
  const header = chance.happens(0.7);
  // A header finds columns wherever they are; without one their places count.
  const columns = header ? chance.shuffled([...table, ...extraColumns(table, chance)]) : table;
  const options = [...(header === headerByDefault ? [] : [`header: ${header}`]), ...(delimiter === "," || delimiter === "\t" ? [] : [`delimiter: ${JSON.stringify(delimiter)}`])];
  const encode = (from: number, to: number): Uint8Array => {
    const lines = header ? [columns.map(({ name }) => cell(name, { ...table[0]!, kind: "utf8" })).join(delimiter)] : [];
    for (let row = from; row < to; row++) lines.push(columns.map((column) => cell(column.values[row]!, column)).join(delimiter));
    return textFile(lines, ending, chance);
  };
  return { encode, options: options.join(", ") };
}

function extraColumns(table: readonly MadeColumn[], chance: Chance): MadeColumn[] {
  return chance.happens(0.5) ? [] : [{ ...chance.pick(table), name: "not read" }];
}

function jsonWriter(table: readonly MadeColumn[], chance: Chance): Writer {
  const escapes = chance.pick([0, 0, 0.1]);
  const space = chance.pick(["", "", " "]);
  const ordered = chance.happens(0.6);
  const extra = chance.pick(["", "", ',"extra":{"id":[1,"}",{"v":"\\""}]}', ', "more" : [ ] ']);
  const ending = chance.pick(["\n", "\r\n"]);
  const member = (value: Value, kind: Kind): string => {
    if (value === null) return "null";
    const text = textOf(value, kind, chance);
    return ["utf8", "date", "timestamp"].includes(kind) ? jsonString(text, escapes, chance) : text;
  };
  const encode = (from: number, to: number): Uint8Array => {
    const lines = [];
    for (let row = from; row < to; row++) {
      const members = table.map(({ name, kind, values }) => `${JSON.stringify(name)}:${space}${member(values[row]!, kind)}`);
      lines.push(`{${(ordered ? members : chance.shuffled(members)).join(`,${space}`)}${extra}}`);
      if (chance.happens(0.02)) lines.push("");
    }
    return textFile(lines, ending, chance);
  };
  return { encode };
}

/** Escapes what must be escaped, and other characters with a probability of `escapes`. */
function jsonString(text: string, escapes: number, chance: Chance): string {
  if (escapes === 0) return JSON.stringify(text);
  const unicode = (character: string): string => character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${Array.from(text, (character) => (chance.happens(escapes) ? unicode(character) : JSON.stringify(character).slice(1, -1))).join("")}"`;
}

function arrowWriter(table: readonly MadeColumn[], chance: Chance): Writer {
  // apache-arrow makes a dictionary for each batch, and a file holds but one.
  const oneBatch = chance.happens(0.5);
  const types = table.map(({ kind }) => (kind === "utf8" && oneBatch && chance.happens(0.5) ? new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()) : ARROW_TYPES[kind]));
  const schema = new arrow.Schema(table.map(({ name }, i) => new arrow.Field(name, types[i]!, true)));
  const form = chance.pick(["file", "stream"] as const);
  const encode = (from: number, to: number): Uint8Array => {
    const batches = [];
    for (let start = from; start < to; ) {
      const end = oneBatch ? to : Math.min(to, start + 1 + chance.size(2000));
      const columns = table.map(({ name, values }, i) => [name, arrow.vectorFromArray(values.slice(start, end), types[i]!)] as const);
      batches.push(...new arrow.Table(schema, Object.fromEntries(columns)).batches);
      start = end;
    }
    return arrow.tableToIPC(new arrow.Table(schema, batches), form);
  };
  return { encode };
}

const ARROW_TYPES: Readonly<Record<Kind, arrow.DataType>> = {
  utf8: new arrow.Utf8(),
  int32: new arrow.Int32(),
  int64: new arrow.Int64(),
  float64: new arrow.Float64(),
  bool: new arrow.Bool(),
  date: new arrow.DateDay(),
  timestamp: new arrow.TimestampMillisecond(),
};

function textOf(value: NonNullable<Value>, kind: Kind, chance: Chance): string {
  if (value instanceof Date) return kind === "date" ? value.toISOString().slice(0, 10) : value.toISOString();
  if (Object.is(value, -0)) return "-0";
  if (kind === "float64" && Number.isInteger(value) && chance.happens(0.1)) return `${String(value)}${String(value).includes("e") ? "" : ".0"}`;
  return String(value);
}

/** Lines as a file, sometimes with a byte order mark, sometimes without an ending behind the last line. */
function textFile(lines: readonly string[], ending: string, chance: Chance): Uint8Array {
  const content = lines.map((line) => line + ending).join("");
  return Buffer.from((chance.happens(0.1) ? "\ufeff" : "") + (chance.happens(0.3) ? content.slice(0, -ending.length || undefined) : content));
}
