import type { Shape } from "./shapes.js";

/** Ids and classes, for joins; the same for every seed. */
export const SIDE_FILE = "shape-side.csv";

export function sideRows(): string {
  return `id,class\n${Array.from({ length: 100_000 }, (_, i) => `id${i},class ${(i * 7919) % 50}`).join("\n")}\n`;
}

/** DuckDB's query of a shape over its table's file or folder: `rows` and `side` read as fast as it can, types given. Undefined where it cannot read it. */
export function duckdbQuery({ table, sql }: Shape, path: string, side: string): string | undefined {
  if (table.format === "arrow") return undefined;
  const input = text(table.files === undefined ? path : `${path}/*`);
  const columns = `columns = {${Object.entries(table.columns).map(([name, type]) => `${text(name)}: ${text(type)}`).join(", ")}}`;
  const rows = {
    csv: `read_csv(${input}, header = true, delim = ',', quote = '"', escape = '"', new_line = '${table.crlf === true ? "\\r\\n" : "\\n"}', auto_detect = false, ${columns})`,
    tsv: `read_csv(${input}, header = false, delim = '\\t', quote = '', escape = '', auto_detect = false, ${columns})`,
    jsonl: `read_json(${input}, format = 'newline_delimited', ${columns})`,
    text: `read_csv(${input}, header = false, delim = '\\x01', quote = '', escape = '', auto_detect = false, max_line_size = 10000000, ${columns})`,
  }[table.format];
  const views = [`rows AS (SELECT * FROM ${rows})`, ...(sql.includes(" side ") ? [`side AS (SELECT * FROM read_csv(${text(side)}, header = true, auto_detect = false, columns = {'id': 'VARCHAR', 'class': 'VARCHAR'}))`] : [])];
  return `WITH ${views.join(", ")} ${sql}`;
}

/** What bench/peers/polars_sql.py is told. */
export function polarsQuery({ table, sql }: Shape, path: string, side: string): string {
  return JSON.stringify({ input: table.files === undefined ? path : `${path}/*`, format: table.format, columns: table.columns, side, sql });
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
