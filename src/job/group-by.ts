/**
 * A group-by as a plan has it: from the columns that a job names, the types of key and value. The value is a
 * struct of the columns that the aggregator reads, so the stages behind the map are those of any other job.
 */
import type { AggregatorSpec, GroupBySpec, InputSpec, ShuffleSpec } from "../model/job-spec.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { InvalidJobError } from "../errors.js";

export function groupBySpec(input: InputSpec, groupBy: string | readonly string[], aggregator: AggregatorSpec): GroupBySpec {
  const keys = (typeof groupBy === "string" ? [groupBy] : groupBy).map((name) => columnOf(input, name, "groupBy"));
  const read = columnsRead(aggregator);
  if (read === "all") return { keys, values: allColumns(input) };
  return { keys, values: [...read].map((name) => columnOf(input, name, "reduce")) };
}

export function groupByTypes({ keys, values }: GroupBySpec): Pick<ShuffleSpec, "key" | "value"> {
  const key = keys.length === 1 ? keys[0]!.type : struct(keys);
  return { key, value: values.length === 0 ? NO_VALUE : struct(values) };
}

/** What stands for a value where nothing reads any. */
const NO_VALUE: TypeSpec = { kind: "bool", nullable: false };
const TEXT: TypeSpec = { kind: "utf8", nullable: false };

function struct(fields: readonly FieldSpec[]): TypeSpec {
  return { kind: "struct", fields, nullable: false };
}

/** The columns by name, in the order in which they are first named. */
function columnsRead(aggregator: AggregatorSpec): Set<string> | "all" {
  switch (aggregator.kind) {
    case "count":
      return new Set();
    case "struct": {
      const all = aggregator.fields.map((field) => columnsRead(field.aggregator));
      return all.includes("all") ? "all" : new Set(all.flatMap((names) => [...names]));
    }
    case "custom":
    case "topK":
      return "all";
    default:
      return aggregator.field === undefined ? "all" : new Set([aggregator.field]);
  }
}

function allColumns(input: InputSpec): readonly FieldSpec[] {
  const schema = schemaOf(input);
  if (schema === undefined) throw new InvalidJobError(`reduce: an aggregator of whole records needs their columns; give ${input.format}() a schema, or name a column as in sum("bytes")`);
  return schema;
}

function columnOf(input: InputSpec, name: string, option: string): FieldSpec {
  const schema = schemaOf(input);
  const field = schema?.find((column) => column.name === name);
  if (field !== undefined) return field;
  if (schema !== undefined) throw new InvalidJobError(`${option}: the input has no column ${JSON.stringify(name)}; it has ${schema.map((column) => column.name).join(", ")}`);
  // Without a schema the header names the columns, and all of them are text.
  if ((input.format === "csv" || input.format === "tsv") && input.header) return { name, type: TEXT };
  throw new InvalidJobError(`${option}: the columns of ${input.format}() are not known; give it a schema such as ${input.format}({ ${name}: t.utf8() })`);
}

function schemaOf(input: InputSpec): readonly FieldSpec[] | undefined {
  return "schema" in input ? input.schema : undefined;
}
