/** Which way the records of a map go, and why, as `millrace explain` says it. Readers and sinks decide by the same rules. */
import type { AggregatorSpec, GroupBySpec, InputSpec, JobSpec, ShuffleSpec } from "../model/job-spec.js";
import { describeType, type FieldSpec } from "../model/type-spec.js";
import { whyCellByCell, whyLineByLine } from "./cell-path.js";
import { combinerOf, describeAggregator } from "./describe-aggregator.js";
import { passesLines } from "./passes-lines.js";
import { inputColumns, lifts } from "./group-by-input.js";

const NO_KERNELS = "this Node has no WebAssembly";

export function describeMap(spec: JobSpec, kernels: boolean): string[] {
  const { input } = spec;
  const { style, operator, groupBy } = spec.map;
  switch (style) {
    case "operator": {
      const lifted = operator?.lifted ? ", lifted by a function once for each distinct word" : "";
      const path = operator?.name === "words" ? [describeWordsPath(spec, kernels)] : operator?.name === "keyLine" ? [describeLinesPath(spec)] : kernels ? [] : [`path: plain, a call for each record, because ${NO_KERNELS}`];
      return [`built-in mapper ${operator?.name ?? ""}`.trimEnd() + lifted, ...path];
    }
    case "record":
      return ["map function over records", `path: plain map, a call for each record${describeEmits(spec.shuffle, kernels)}`, ...describeRecordCells(input, kernels)];
    case "batch":
      return ["map function over batches of columns", describeCells(input, "schema" in input ? (input.schema ?? []) : [], kernels)];
    case "group-by":
      return describeGroupBy(groupBy!, spec, kernels);
  }
}

function describeGroupBy(groupBy: GroupBySpec, { input, badRecords }: JobSpec, kernels: boolean): string[] {
  const read = inputColumns(groupBy);
  const columns = [...new Map([...read.keys, ...read.values].map((field) => [field.name, field])).values()];
  const named = (fields: readonly FieldSpec[]): string => fields.map(({ name }) => name).join(", ");
  const setAside = badRecords.action !== "fail" && lifts(groupBy);
  return [
    `group by ${named(groupBy.keys)}, columns read: ${named(columns)}`,
    ...groupBy.derive.map(({ name, from, lookup }) =>
      lookup === undefined ? `derive ${name}: a function of ${from.name}, called once for each distinct value of a chunk` : `derive ${name}: ${lookup.give.name} of side input ${lookup.side} where its ${lookup.among.name} is ${from.name}`,
    ),
    ...groupBy.where.map(({ column, test }) => (test === "lifted" ? `where a function of ${column.name} holds` : `where ${column.name} ${test}`)),
    setAside ? "path: plain, a call for each record, because one that a function of columns throws on is a bad record, to be set aside" : describeCells(input, columns, kernels),
  ];
}

/** Which way words are counted, and why. As executor/map-sink.ts and shuffle/map-output.ts decide. */
function describeWordsPath({ shuffle, map: { operator }, badRecords }: JobSpec, kernels: boolean): string {
  const aggregator = shuffle && combinerOf(shuffle);
  const because = (why: string): string => `path: plain, a call for each word, because ${why}`;
  if (aggregator === undefined) return because("there is no aggregator to count for");
  if (!countsOnes(aggregator)) return because(`${describeAggregator(aggregator)} needs each value`);
  if (operator?.lifted && badRecords.action !== "fail") return because("a line whose word the lifted function throws on is a bad record, to be set aside");
  if (!operator?.lifted && (shuffle!.key.kind !== "utf8" || shuffle!.key.nullable)) return because(`the key is ${describeType(shuffle!.key)}`);
  if (!kernels) return because(NO_KERNELS);
  return "path: a kernel counts words where they stand in the text";
}

function describeLinesPath(spec: JobSpec): string {
  return passesLines(spec) ? "path: lines go to partitions, sort and output as bytes" : "path: plain, a call for each line, because the reduce is not values() in the order of the input";
}

function countsOnes(aggregator: AggregatorSpec): boolean {
  return aggregator.kind === "struct" ? aggregator.fields.every((field) => countsOnes(field.aggregator)) : ["sum", "count", "mean"].includes(aggregator.kind);
}

function describeEmits(shuffle: ShuffleSpec | undefined, kernels: boolean): string {
  if (shuffle === undefined) return "";
  return combinerOf(shuffle) === undefined ? "; pairs go to partitions as they are" : `; pairs are combined by key in a ${kernels ? "kernel's table" : `plain table, for ${NO_KERNELS}`}`;
}

function describeRecordCells(input: InputSpec, kernels: boolean): string[] {
  return input.format === "csv" || input.format === "tsv" ? [describeCells(input, input.schema ?? [], kernels)] : [];
}

/** Which way the columns of a chunk are read, and why. */
function describeCells(input: InputSpec, columns: readonly FieldSpec[], kernels: boolean): string {
  const isJson = input.format === "jsonl";
  if (!isJson && input.format !== "csv" && input.format !== "tsv") return `path: columns from the ${input.format} reader`;
  const why = kernels ? (isJson ? whyLineByLine(columns) : whyCellByCell(columns)) : NO_KERNELS;
  if (why === undefined) return isJson ? "path: kernels find and parse the members of lines" : "path: kernels index and parse the cells";
  return `path: ${isJson ? "line by line" : "cell by cell"}, because ${why}`;
}
