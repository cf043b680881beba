/** A job over a made table, as source text, and the rows that it must give, worked out from the table's values with plain arrays and maps. */
import { answers, compareValues, jsonText, type Answer } from "./answers.js";
import type { Chance } from "./chance.js";
import type { MadeColumn } from "./made-table.js";
import type { Format } from "./table-files.js";

export interface MadeJob {
  readonly source: string;
  /** Lines of JSON, in any order. */
  readonly expected: readonly string[];
}

/** Which rows count: as source text of `where` and of a function `map`, and as a function. */
interface Condition {
  readonly where: string;
  readonly statement: string;
  holds(row: number): boolean;
}

interface Member {
  readonly name: string;
  readonly column: MadeColumn;
  readonly answer: Answer;
}

/** `options` are those of the input, as source text. */
export function makeJob(table: readonly MadeColumn[], format: Format, options: string, chance: Chance): MadeJob {
  const keys = chance.shuffled(table).slice(0, chance.pick([1, 1, 2]));
  const members = Array.from({ length: 1 + chance.below(4) }, (_, i): Member => {
    const column = chance.pick(table);
    return { name: `m${i}`, column, answer: chance.pick(answers(column)) };
  });
  const make = chance.pick([groupBy, groupBy, plainMap, batchMap]);
  const condition = chance.happens(0.4) ? (make === groupBy && chance.happens(0.7) ? comparison : lifted)(chance.pick(table), chance) : undefined;
  const source = `import { aggregate, arrow, collect, count, countDistinct, csv, defineJob, first, jsonl, last, max, mean, min, quantile, sum, t, tsv } from "millrace";

const isEven = ${isEven.toString()};

export default defineJob({
  name: "made",
  input: ${format}(${schemaSource(table)}, { ${options} }),
${make(keys, [...new Set(members.map(({ column }) => column))], condition)}
  reduce: aggregate({ ${members.map(({ name, column, answer }) => `${name}: ${answer.call(JSON.stringify(column.name))}`).join(", ")} }),
  output: jsonl(),
});
`;
  return { source, expected: expectedLines(table[0]!.values.length, keys, members, condition) };
}

function expectedLines(rows: number, keys: readonly MadeColumn[], members: readonly Member[], condition: Condition | undefined): string[] {
  const groups = new Map<string, number[]>();
  for (let row = 0; row < rows; row++) {
    if (condition?.holds(row) === false) continue;
    const texts = keys.map(({ name, values }) => [name, jsonText(values[row]!)] as const);
    const key = texts.length === 1 ? texts[0]![1] : `{${texts.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].map(([key, of]) => `{"key":${key},"value":{${members.map(({ name, column, answer }) => `"${name}":${jsonText(answer.of(of.map((row) => column.values[row]!)))}`).join(",")}}}`);
}

function groupBy(keys: readonly MadeColumn[], _values: readonly MadeColumn[], condition: Condition | undefined): string {
  const names = keys.map(({ name }) => JSON.stringify(name));
  return `${condition === undefined ? "" : `  where: (columns) => ${condition.where},\n`}  groupBy: ${names.length === 1 ? names[0]! : `[${names.join(", ")}]`},`;
}

function plainMap(keys: readonly MadeColumn[], values: readonly MadeColumn[], condition: Condition | undefined): string {
  return `${emittedTypes(keys, values)}
  map(record, emit) {
    ${condition?.statement ?? ""}
    emit(${pairSource(keys, values)});
  },`;
}

function batchMap(keys: readonly MadeColumn[], values: readonly MadeColumn[], condition: Condition | undefined): string {
  return `${emittedTypes(keys, values)}
  mapBatch({ length, columns }, emit) {
    for (let row = 0; row < length; row++) {
      const record = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, "get" in column ? column.get(row) : column[row]]));
      ${condition?.statement.replace("return", "continue") ?? ""}
      emit(${pairSource(keys, values)});
    }
  },`;
}

function emittedTypes(keys: readonly MadeColumn[], values: readonly MadeColumn[]): string {
  return `  key: ${keys.length === 1 ? typeSource(keys[0]!) : `t.struct(${schemaSource(keys)})`},
  value: t.struct(${schemaSource(values)}),`;
}

function pairSource(keys: readonly MadeColumn[], values: readonly MadeColumn[]): string {
  const members = (columns: readonly MadeColumn[]): string => `{ ${columns.map(({ name }) => `${JSON.stringify(name)}: record[${JSON.stringify(name)}]`).join(", ")} }`;
  return `${keys.length === 1 ? `record[${JSON.stringify(keys[0]!.name)}]` : members(keys)}, ${members(values)}`;
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

function comparison({ name, values }: MadeColumn, chance: Chance): Condition {
  const column = `columns[${JSON.stringify(name)}]`;
  const constant = values.length === 0 ? null : chance.pick(values);
  if (constant === null) {
    const isNull = chance.happens(0.5);
    return { where: `${column}.${isNull ? "isNull" : "isNotNull"}()`, statement: "", holds: (row) => (values[row] === null) === isNull };
  }
  const kind = chance.pick(Object.keys(COMPARISONS));
  const source = constant instanceof Date ? `new Date(${constant.getTime()})` : typeof constant === "bigint" ? `${constant}n` : JSON.stringify(constant);
  return { where: `${column}.${kind}(${source})`, statement: "", holds: (row) => values[row] !== null && COMPARISONS[kind]!(compareValues(values[row]!, constant)) };
}

function lifted({ name, values }: MadeColumn): Condition {
  const column = JSON.stringify(name);
  return { where: `columns[${column}].lift(t.bool(), isEven)`, statement: `if (!isEven(record[${column}])) return;`, holds: (row) => isEven(values[row]!) };
}

/** Written into jobs by its text, so it uses nothing from here. */
function isEven(value: unknown): boolean {
  return (typeof value === "bigint" ? String(value) : JSON.stringify(value)).length % 2 === 0;
}

function schemaSource(columns: readonly MadeColumn[]): string {
  return `{ ${columns.map((column) => `${JSON.stringify(column.name)}: ${typeSource(column)}`).join(", ")} }`;
}

function typeSource({ kind, nullable }: MadeColumn): string {
  return `t.${kind}()${nullable ? ".nullable()" : ""}`;
}
