/** Arrow's own types and schemas, and how they stand in the metadata (Schema.fbs). */
import { ArrowFormatError } from "./arrow-format-error.js";
import type { FlatTable } from "./flat-reader.js";
import { scalar, table, tables, text, type FlatNode } from "./flat-writer.js";
import { encodeMessage } from "./ipc-message.js";

export type TimeUnit = "s" | "ms" | "us" | "ns";
export interface IntType {
  readonly kind: "int";
  readonly bits: number;
  readonly signed: boolean;
}

export type ArrowType =
  | { readonly kind: "null" | "bool" | "utf8" | "large-utf8" | "utf8-view" | "binary" | "large-binary" | "binary-view" }
  | IntType
  | { readonly kind: "float"; readonly bits: 16 | 32 | 64 }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number; readonly bits: number }
  | { readonly kind: "date"; readonly unit: "day" | "ms" }
  | { readonly kind: "time"; readonly unit: TimeUnit; readonly bits: number }
  | { readonly kind: "timestamp"; readonly unit: TimeUnit; readonly timezone?: string }
  | { readonly kind: "duration"; readonly unit: TimeUnit }
  | { readonly kind: "fixed-binary"; readonly width: number }
  | { readonly kind: "fixed-list"; readonly size: number }
  /** A map is stored as a list of (key, value) structs. */
  | { readonly kind: "list" | "large-list" | "struct" | "map" }
  /** Types that cannot be read, with the buffers that they take in a batch so that they can be passed over. */
  | { readonly kind: "unreadable"; readonly name: string; readonly buffers: number };

export interface ArrowField {
  readonly name: string;
  readonly nullable: boolean;
  readonly type: ArrowType;
  readonly children: readonly ArrowField[];
  /** The column holds indexes of this type into the dictionary with this id. */
  readonly dictionary?: { readonly id: number; readonly index: IntType };
}

export function encodeSchemaMessage(fields: readonly ArrowField[]): Uint8Array {
  return encodeMessage("schema", schemaNode(fields), 0);
}

export function schemaNode(fields: readonly ArrowField[]): FlatNode {
  return table(scalar(2, 0), tables(fields.map(fieldNode)));
}

function fieldNode(field: ArrowField): FlatNode {
  const [id, type] = typeNode(field.type);
  return table(text(field.name), scalar(1, Number(field.nullable)), scalar(1, id), type, undefined, tables(field.children.map(fieldNode)));
}

const UNITS = ["s", "ms", "us", "ns"] as const;

/** Only the types that Millrace writes. */
function typeNode(type: ArrowType): [id: number, node: FlatNode] {
  switch (type.kind) {
    case "int":
      return [2, table(scalar(4, type.bits), scalar(1, Number(type.signed)))];
    case "float":
      return [3, table(scalar(2, [16, 32, 64].indexOf(type.bits)))];
    case "binary":
      return [4, table()];
    case "utf8":
      return [5, table()];
    case "bool":
      return [6, table()];
    case "date":
      return [8, table(scalar(2, type.unit === "day" ? 0 : 1))];
    case "timestamp":
      return [10, table(scalar(2, UNITS.indexOf(type.unit)), type.timezone === undefined ? undefined : text(type.timezone))];
    case "list":
      return [12, table()];
    case "struct":
      return [13, table()];
    default:
      throw new Error(`Millrace does not write Arrow's type ${describeArrowType({ name: "", nullable: false, type, children: [] })}`);
  }
}

export function parseSchema(schema: FlatTable): ArrowField[] {
  if (schema.int16(0) !== 0) throw new ArrowFormatError("it is big-endian; only little-endian Arrow can be read");
  return schema.tables(1).map((field) => parseField(field, 0));
}

const DEEPEST = 64;

function parseField(field: FlatTable, depth: number): ArrowField {
  if (depth > DEEPEST) throw new ArrowFormatError(`its types nest deeper than ${DEEPEST}`);
  const encoding = field.table(4);
  const children = field.tables(5).map((child) => parseField(child, depth + 1));
  const parsed = { name: field.text(0) ?? "", nullable: field.bool(1), type: parseType(field.uint8(2), field.table(3)), children };
  if (["list", "large-list", "map", "fixed-list"].includes(parsed.type.kind) && children.length !== 1) {
    throw new ArrowFormatError(`column "${parsed.name}" is a list of ${children.length} columns`);
  }
  if (encoding === undefined) return parsed;
  const index = encoding.table(1);
  return { ...parsed, dictionary: { id: encoding.int64(0), index: index === undefined ? { kind: "int", bits: 32, signed: true } : parseInt(index) } };
}

function parseType(id: number, type: FlatTable | undefined): ArrowType {
  if (type === undefined) throw new ArrowFormatError("a column has no type");
  switch (id) {
    case 1:
      return { kind: "null" };
    case 2:
      return parseInt(type);
    case 3:
      return { kind: "float", bits: oneOf([16, 32, 64] as const, type.int16(0)) };
    case 4:
      return { kind: "binary" };
    case 5:
      return { kind: "utf8" };
    case 6:
      return { kind: "bool" };
    case 7:
      return { kind: "decimal", precision: type.int32(0), scale: between(type.int32(1), -1000, 1000), bits: within([32, 64, 128, 256], type.int32(2, 128)) };
    case 8:
      return { kind: "date", unit: oneOf(["day", "ms"] as const, type.int16(0, 1)) };
    case 9:
      return { kind: "time", unit: oneOf(UNITS, type.int16(0, 1)), bits: within([32, 64], type.int32(1, 32)) };
    case 10: {
      const timezone = type.text(1);
      return { kind: "timestamp", unit: oneOf(UNITS, type.int16(0)), ...(timezone === undefined ? {} : { timezone }) };
    }
    case 11:
      return { kind: "unreadable", name: "interval", buffers: 2 };
    case 12:
      return { kind: "list" };
    case 13:
      return { kind: "struct" };
    case 14:
      return { kind: "unreadable", name: "union", buffers: type.int16(0) === 0 ? 1 : 2 };
    case 15:
      return { kind: "fixed-binary", width: between(type.int32(0), 0, 0x7fffffff) };
    case 16:
      return { kind: "fixed-list", size: between(type.int32(0), 0, 0x7fffffff) };
    case 17:
      return { kind: "map" };
    case 18:
      return { kind: "duration", unit: oneOf(UNITS, type.int16(0, 1)) };
    case 19:
      return { kind: "large-binary" };
    case 20:
      return { kind: "large-utf8" };
    case 21:
      return { kind: "large-list" };
    case 22:
      return { kind: "unreadable", name: "run-end encoded", buffers: 0 };
    case 23:
      return { kind: "binary-view" };
    case 24:
      return { kind: "utf8-view" };
    case 25:
    case 26:
      return { kind: "unreadable", name: "list view", buffers: 3 };
    default:
      throw new ArrowFormatError(`a column has the unknown type ${id}`);
  }
}

function parseInt(type: FlatTable): IntType {
  return { kind: "int", bits: within([8, 16, 32, 64], type.int32(0)), signed: type.bool(1) };
}

function oneOf<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new ArrowFormatError(`a column's type has the unknown variant ${index}`);
  return value;
}

function within(values: readonly number[], value: number): number {
  return oneOf(values, values.indexOf(value));
}

function between(value: number, least: number, most: number): number {
  if (value < least || value > most) throw new ArrowFormatError(`a column's type has the size ${value}`);
  return value;
}

/** A short text such as `timestamp[ns, UTC]`, for messages. */
export function describeArrowType(field: ArrowField): string {
  const { type } = field;
  const plain = (): string => {
    switch (type.kind) {
      case "int":
        return `${type.signed ? "" : "u"}int${type.bits}`;
      case "float":
        return `float${type.bits}`;
      case "decimal":
        return `decimal(${type.precision}, ${type.scale})`;
      case "date":
        return `date[${type.unit}]`;
      case "time":
      case "duration":
        return `${type.kind}[${type.unit}]`;
      case "timestamp":
        return `timestamp[${type.unit}${type.timezone === undefined ? "" : `, ${type.timezone}`}]`;
      case "list":
      case "large-list":
      case "fixed-list":
      case "map":
      case "struct":
        return `${type.kind}<${field.children.map((child) => (type.kind === "struct" ? `${child.name}: ` : "") + describeArrowType(child)).join(", ")}>`;
      case "unreadable":
        return type.name;
      default:
        return type.kind;
    }
  };
  return field.dictionary === undefined ? plain() : `dictionary<${plain()}>`;
}
