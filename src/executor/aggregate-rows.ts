/**
 * How an aggregator's results become rows: the key's columns, then the result's. Without a schema the columns
 * are named `key` and `value`, or after the members of a struct; a schema renames them by position.
 */
import { planAggregate } from "../columnar/aggregates/plan-aggregate.js";
import { defineMember } from "../columnar/codec.js";
import { InvalidJobError } from "../errors.js";
import type { AggregatorSpec, OutputSpec } from "../model/job-spec.js";
import { describeType, type FieldSpec, type TypeSpec } from "../model/type-spec.js";

export type MakeRow = (key: unknown, result: unknown) => unknown;

/** The output with the schema that the results have, checked against the one that the job declares. */
export function outputOfAggregate(output: OutputSpec, key: TypeSpec, aggregator: AggregatorSpec, value: TypeSpec): OutputSpec {
  const result = planAggregate(aggregator, value).result;
  if (output.format === "text" || output.format === "records") {
    throw new InvalidJobError(`output: an aggregator writes keys and values, which ${output.format}() cannot hold; use tsv(), csv(), jsonl() or arrow()`);
  }
  // What a custom aggregator finishes with shows only when it runs.
  if (aggregator.kind === "custom") return output;
  const columns = [...columnsOf("key", key), ...columnsOf("value", result)];
  if (output.schema !== undefined) {
    checkSchema(output.schema, columns);
    return output;
  }
  if (output.format === "jsonl") return output;
  const names = columns.map((column) => column.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InvalidJobError(`output: two columns would be called "${twice}"; give ${output.format}() a schema that names them`);
  return { ...output, schema: columns };
}

/** Makes a row of the output from a key and a result of type `result` (undefined: as it comes). */
export function rowMaker(output: OutputSpec, key: TypeSpec, result: TypeSpec | undefined): MakeRow {
  const schema = "schema" in output ? output.schema : undefined;
  if (schema === undefined && output.format === "jsonl") return (keyValue, value) => ({ key: keyValue, value });
  const keyNames = columnsOf("key", key).map((column) => column.name);
  const spreadKey = isSpread(key);
  const columnNames = schema?.map((column) => column.name);
  const resultNames = result && columnsOf("value", result).map((column) => column.name);
  const spreadResult = result !== undefined && isSpread(result);
  return (keyValue, value) => {
    const spread = result === undefined ? isPlainObject(value) : spreadResult;
    const valueNames = resultNames ?? (spread ? Object.keys(value as object) : ["value"]);
    const row: Record<string, unknown> = {};
    let column = 0;
    const put = (name: string, cell: unknown): void => defineMember(row, columnNames?.[column++] ?? name, cell);
    for (const name of keyNames) put(name, spreadKey ? (keyValue as Record<string, unknown>)[name] : keyValue);
    for (const name of valueNames) put(name, spread ? (value as Record<string, unknown>)[name] : value);
    return row;
  };
}

export function isSpread(type: TypeSpec): boolean {
  return type.kind === "struct" && !type.nullable;
}

function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function columnsOf(name: string, type: TypeSpec): FieldSpec[] {
  return type.kind === "struct" && isSpread(type) ? [...type.fields] : [{ name, type }];
}

function checkSchema(schema: readonly FieldSpec[], columns: readonly FieldSpec[]): void {
  const shown = (fields: readonly FieldSpec[]): string => fields.map((field) => `${field.name}: ${describeType(field.type)}`).join(", ");
  if (schema.length !== columns.length || schema.some((field, i) => !fits(columns[i]!.type, field.type))) {
    throw new InvalidJobError(`output: the schema (${shown(schema)}) does not fit what key and aggregator give (${shown(columns)}); columns are taken in this order`);
  }
}

function fits(given: TypeSpec, wanted: TypeSpec): boolean {
  if (wanted.kind === "json") return true;
  if (given.nullable && !wanted.nullable) return false;
  if (given.kind === wanted.kind) return given.kind === "int64" && wanted.kind === "int64" ? given.as === wanted.as : true;
  // Whole numbers such as counts are doubles; the encoder checks each value.
  return given.kind === "float64" && (wanted.kind === "int32" || (wanted.kind === "int64" && wanted.as === "number"));
}
