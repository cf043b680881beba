/**
 * A table is a file of rows made from a seed, and what a peer must know to read it. Row `index` depends on the seed
 * and the index alone.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { dataPath, type Data } from "../harness/data.js";
import { writeArrow } from "./write-arrow.js";

export interface Table {
  readonly name: string;
  readonly format: "csv" | "tsv" | "jsonl" | "text" | "arrow";
  /** Names and DuckDB's types, in the order of the file. Text has one, `line`. */
  readonly columns: Readonly<Record<string, string>>;
  /** Rows end with CRLF. */
  readonly crlf?: boolean;
  /** In this many files, in place of one. */
  readonly files?: number;
  /** Gives rows of a seed, with their line ends. */
  open(seed: number): (index: number) => string;
}

const CHUNK = 1 << 20;

/** The table's file, or folder of files, made once. */
export async function tableData(table: Table, bytes: number, seed: number): Promise<Data> {
  const path = dataPath(`shape-${table.name}-${bytes}-${seed}${table.files === undefined ? `.${table.format}` : ""}`);
  if (!existsSync(path)) {
    const temporary = `${path}.${process.pid}.tmp`;
    await writeTable(temporary, table, bytes, seed);
    renameSync(temporary, path);
  }
  return { path, bytes: table.files === undefined ? statSync(path).size : readdirSync(path).reduce((sum, file) => sum + statSync(join(path, file)).size, 0) };
}

/** In bounded memory; each file ends with the row that reaches its size, a header not counted. */
export async function writeTable(path: string, table: Table, bytes: number, seed: number): Promise<void> {
  if (table.format === "arrow") return writeArrow(path, table, bytes, seed);
  const { files = 1 } = table;
  const row = table.open(seed);
  let index = 0;
  if (table.files !== undefined) mkdirSync(path);
  for (let file = 0; file < files; file++) {
    const handle = await open(table.files === undefined ? path : join(path, `${String(file).padStart(6, "0")}.${table.format}`), "w");
    if (table.format === "csv") await handle.writeFile(`${Object.keys(table.columns).join(",")}${table.crlf === true ? "\r\n" : "\n"}`);
    for (let written = 0; written < bytes / files; ) {
      const wanted = Math.min(CHUNK, bytes / files - written);
      let text = "";
      while (text.length < wanted) text += row(index++);
      const chunk = Buffer.from(text);
      await handle.writeFile(chunk);
      written += chunk.length;
    }
    await handle.close();
  }
}
