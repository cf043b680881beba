/**
 * A group-by as a plan has it: from the columns that a job names, the types of key and value. The value is a
 * struct of the columns that the aggregator reads, so the stages behind the map are those of any other job.
 */
import type { AggregatorSpec, ConditionSpec, DerivedSpec, GroupBySpec, InputSpec, LookupSpec, ShuffleSpec } from "../model/job-spec.js";
import type { FieldSpec, TypeSpec } from "../model/type-spec.js";
import { describeType } from "../model/type-spec.js";
import { InvalidJobError } from "../errors.js";
import type { Lookup } from "./lookup.js";
import { isLifted, isLookup, type Condition, type Expressions } from "./column-expressions.js";

export function groupBySpec(input: InputSpec, sides: Sides, groupBy: string | readonly string[], aggregator: AggregatorSpec, expressions: Expressions): GroupBySpec {
  const derived = derivedColumns(input, sides, expressions);
  const column = (name: string, option: string): FieldSpec => derived.find((own) => own.name === name) ?? columnOf(input, name, option, derived);
  const keys = (typeof groupBy === "string" ? [groupBy] : groupBy).map((name) => plainField(column(name, "groupBy")));
  const read = columnsRead(aggregator);
  const values = read === "all" ? [...allColumns(input), ...derived].map(plainField) : [...read].map((name) => plainField(column(name, "reduce")));
  const where = expressions.where.map((condition): ConditionSpec => {
    const tested = plainField(column(condition.column, "where"));
    return { column: tested, test: isLifted(condition) ? "lifted" : comparisonText(tested, condition) };
  });
  const used = new Set([...keys, ...values, ...where.map((condition) => condition.column)].map(({ name }) => name));
  return { keys, values, derive: derived.filter(({ name }) => used.has(name)), where };
}

export function groupByTypes({ keys, values }: GroupBySpec): Pick<ShuffleSpec, "key" | "value"> {
  const key = keys.length === 1 ? keys[0]!.type : struct(keys);
  return { key, value: values.length === 0 ? NO_VALUE : struct(values) };
}

/** Side inputs by name. */
type Sides = Readonly<Record<string, InputSpec>>;

/** What stands for a value where nothing reads any. */
const NO_VALUE: TypeSpec = { kind: "bool", nullable: false };
const TEXT: TypeSpec = { kind: "utf8", nullable: false };
const SIGNS = { eq: "=", ne: "<>", lt: "<", le: "<=", gt: ">", ge: ">=" };

function derivedColumns(input: InputSpec, sides: Sides, { derive }: Expressions): DerivedSpec[] {
  return Object.entries(derive).map(([name, expression]) => {
    const { column } = expression;
    if (schemaOf(input)?.some((field) => field.name === name)) throw new InvalidJobError(`derive: the input has a column ${JSON.stringify(name)} already; give the derived one another name`);
    if (schemaOf(input) !== undefined && Object.hasOwn(derive, column)) throw new InvalidJobError(`derive.${name}: ${JSON.stringify(column)} is a derived column itself; call both functions in one, over the input's column`);
    const from = columnOf(input, column, "derive");
    if (!isLookup(expression)) return { name, type: expression.type, from };
    const lookup = lookupSpec(`derive.${name}`, plainField(from), expression, sides);
    return { name, type: { ...lookup.give.type, nullable: true }, from, lookup };
  });
}

function lookupSpec(option: string, from: FieldSpec, { among, give }: Lookup<unknown>, sides: Sides): LookupSpec {
  const { side } = among;
  if (!Object.hasOwn(sides, side)) throw new InvalidJobError(`${option}: there is no side input ${JSON.stringify(side)}; the job declares ${Object.keys(sides).join(", ") || "none"}`);
  const [found, given] = [among, give].map(({ name }) => plainField(columnOf(sides[side]!, name, `${option}, side.${side}`)));
  if (comparable(from.type) === undefined) throw new InvalidJobError(`${option}: column ${JSON.stringify(from.name)} is ${describeType(from.type)}; texts, numbers, bools and times can be looked up`);
  if (found!.type.kind !== from.type.kind) throw new InvalidJobError(`${option}: column ${JSON.stringify(from.name)} is ${from.type.kind} and side.${side}.${found!.name} is ${found!.type.kind}; give both one type`);
  return { side, among: found!, give: given! };
}

/** As `explain` shows it. Refuses what cannot be compared. */
function comparisonText({ name, type }: FieldSpec, { comparison, constant }: Condition): string {
  if (comparison === "isNull" || comparison === "isNotNull") return comparison === "isNull" ? "is null" : "is not null";
  if (constant === undefined || !comparesWith(type, constant)) throw new InvalidJobError(`where: column ${JSON.stringify(name)} is ${type.kind} and cannot be compared with ${misfitText(type, constant)}`);
  const shown = constant instanceof Date ? constant.toISOString() : typeof constant === "string" ? JSON.stringify(constant) : String(constant);
  return `${SIGNS[comparison]} ${shown}`;
}

function misfitText(type: TypeSpec, constant: unknown): string {
  if (constant === null) return "null; isNull() and isNotNull() ask for that";
  const wanted = comparable(type);
  return `${String(constant)} (${typeof constant})${wanted === undefined ? "" : `; it takes a ${wanted}`}`;
}

function comparesWith(type: TypeSpec, constant: unknown): boolean {
  const wanted = comparable(type);
  return wanted === "Date" ? constant instanceof Date && !Number.isNaN(constant.getTime()) : typeof constant === wanted;
}

/** What a column of this type is compared with; undefined where it has no order. */
function comparable(type: TypeSpec): "string" | "boolean" | "number" | "bigint" | "Date" | undefined {
  switch (type.kind) {
    case "utf8":
      return "string";
    case "bool":
      return "boolean";
    case "int32":
    case "float64":
      return "number";
    case "int64":
      return type.as;
    case "timestamp":
    case "date":
      return "Date";
    default:
      return undefined;
  }
}

function plainField({ name, type }: FieldSpec): FieldSpec {
  return { name, type };
}

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

function columnOf(input: InputSpec, name: string, option: string, derived: readonly DerivedSpec[] = []): FieldSpec {
  const schema = schemaOf(input);
  const field = schema?.find((column) => column.name === name);
  if (field !== undefined) return field;
  if (schema !== undefined) throw new InvalidJobError(`${option}: the input has no column ${JSON.stringify(name)}; it has ${namesOf(schema)}${derived.length === 0 ? "" : `, and derived are ${namesOf(derived)}`}`);
  // Without a schema the header names the columns, and all of them are text.
  if ((input.format === "csv" || input.format === "tsv") && input.header) return { name, type: TEXT };
  throw new InvalidJobError(`${option}: the columns of ${input.format}() are not known; give it a schema such as ${input.format}({ ${name}: t.utf8() })`);
}

function namesOf(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => name).join(", ");
}

function schemaOf(input: InputSpec): readonly FieldSpec[] | undefined {
  return "schema" in input ? input.schema : undefined;
}
