/** Which columns a reader gives, and where in a record they stand. */
import type { TaskFailure } from "../errors.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { badInput } from "./bad-input.js";

export interface CellColumn extends FieldSpec {
  /** Field of the record, from 0. */
  readonly position: number;
}

export interface CellSchema {
  /** Absent when a record is the array of its fields. */
  readonly columns: readonly CellColumn[] | undefined;
  /** Fields that each record must have; absent when neither header nor schema says so. */
  readonly width: number | undefined;
  /** What says so, for messages. */
  readonly source: "header" | "schema";
}

const TEXT: TypeSpec = { kind: "utf8", nullable: false };

export function resolveColumns(path: string, schema: readonly FieldSpec[] | undefined, header: readonly string[] | undefined): CellSchema {
  if (header === undefined) {
    return { columns: schema?.map((field, position) => ({ ...field, position })), width: schema?.length, source: "schema" };
  }
  const twice = duplicate(header, schema);
  if (twice !== undefined) throw badInput(path, `names the column ${show(twice)} twice in its header: ${shorten(header)}. Rename one of the two, or read it with header: false`);
  const fields = schema ?? header.map((name) => ({ name, type: TEXT }));
  const columns = fields.map((field) => {
    const position = header.indexOf(field.name);
    if (position < 0) throw missing(path, field.name, header, "the columns of the schema");
    return { ...field, position };
  });
  return { columns, width: header.length, source: "header" };
}

/** The same with those columns alone that are asked for, in that order. A file without a header has no records either. */
export function chosenColumns(path: string, schema: CellSchema, names: "all" | readonly string[] | undefined): CellSchema {
  const { columns } = schema;
  if (names === undefined || names === "all" || columns === undefined) return schema;
  const chosen = names.map((name) => {
    const column = columns.find((each) => each.name === name);
    if (column === undefined) throw missing(path, name, columns.map((each) => each.name), "columns");
    return column;
  });
  return { ...schema, columns: chosen };
}

/** With a schema, columns that nobody asked for may have any names. */
function duplicate(header: readonly string[], schema: readonly FieldSpec[] | undefined): string | undefined {
  const seen = new Set<string>();
  for (const name of header) {
    if (seen.has(name) && (schema === undefined || schema.some((field) => field.name === name))) return name;
    seen.add(name);
  }
  return undefined;
}

function missing(path: string, name: string, header: readonly string[], named: string): TaskFailure {
  const near = nearest(name, header);
  const hint = near === undefined ? `Name ${named} as the header does` : `Did you mean ${show(near)}?`;
  return badInput(path, `has no column ${show(name)}. Its header is: ${shorten(header)}. ${hint}`);
}

/** The name that takes the fewest edits, when those are few against its length; letter case and outer spaces count nothing. */
function nearest(name: string, header: readonly string[]): string | undefined {
  const wanted = normal(name);
  let best: string | undefined;
  let least = Math.round(wanted.length * 0.4) + 1;
  for (const candidate of header.slice(0, 1000)) {
    const distance = edits(wanted, normal(candidate).slice(0, 100));
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

function normal(name: string): string {
  return name.trim().toLowerCase();
}

/** Levenshtein's distance, row by row. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= to.length; j++) {
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + Number(from[i - 1] !== to[j - 1])));
    }
  }
  return row.at(-1)!;
}

function show(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name);
}

function shorten(header: readonly string[]): string {
  const names = header.slice(0, 30).map(show).join(", ");
  return header.length > 30 ? `${names}, and ${header.length - 30} more` : names;
}
