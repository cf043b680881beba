import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { setImmediate as turn } from "node:timers/promises";
import { Float64, Int64, makeVector, RecordBatchFileWriter, Table as ArrowTable, Utf8, vectorFromArray, type Vector } from "apache-arrow";
import type { Table } from "./table.js";

const BATCH_ROWS = 65_536;

/** A file of record batches, by the library of Arrow's own project: rows without quotes, cells between commas. About `bytes` of CSV go into it. */
export async function writeArrow(path: string, { columns, open: openRows }: Table, bytes: number, seed: number): Promise<void> {
  const row = openRows(seed);
  const writer = new RecordBatchFileWriter();
  const written = pipeline(writer, createWriteStream(path));
  for (let index = 0, made = 0; made < bytes; ) {
    const cells: string[][] = Object.keys(columns).map(() => []);
    for (let rows = 0; rows < BATCH_ROWS && made < bytes; rows++) {
      const text = row(index++);
      text.trimEnd().split(",").forEach((cell, column) => cells[column]!.push(cell));
      made += text.length;
    }
    const vectors = Object.entries(columns).map(([name, type], column) => [name, vectorOf(type, cells[column]!)] as const);
    for (const batch of new ArrowTable(Object.fromEntries(vectors)).batches) writer.write(batch);
    // Lets the file take what is there, so that batches do not pile up.
    await turn();
  }
  writer.close();
  await written;
}

function vectorOf(type: string, cells: readonly string[]): Vector {
  switch (type) {
    case "BIGINT":
      return makeVector({ type: new Int64(), data: BigInt64Array.from(cells, BigInt) });
    case "DOUBLE":
      return makeVector({ type: new Float64(), data: Float64Array.from(cells, Number) });
    default:
      return vectorFromArray(cells, new Utf8());
  }
}
