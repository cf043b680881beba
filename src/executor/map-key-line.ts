/** `keyLine()`: as an ordinary map, which samples use, and as a map of whole chunks. */
import { isUtf8 } from "node:buffer";
import type { BytesColumn } from "../columnar/columns.js";
import { TextCells } from "../columnar/text-cells.js";
import { columnTexts } from "../columnar/column-texts.js";
import type { TextReader } from "../formats/text-reader.js";
import type { MapSink } from "./map-sink.js";
import type { MapRun } from "./run-map.js";

export function plainKeyLine(line: string, emit: (key: string, value: string) => void): void {
  emit(line, line);
}

/** Sends the lines of whole chunks to their partitions without a call for each. */
export async function mapLines({ scope: { monitor }, faults }: MapRun, reader: TextReader, add: NonNullable<MapSink["lines"]>): Promise<void> {
  while (await reader.advance()) {
    monitor.readTo(reader.bytesRead);
    const isValid = isUtf8(faults.readLoaded(() => reader.chunk()));
    const { line } = faults.readLoaded(() => reader.columns()).columns;
    const rows = line.length;
    const keys: BytesColumn = { kind: "bytes", offsets: line.offsets, bytes: line.bytes };
    if (rows > 0) add({ rows, keys: isValid ? keys : validText(keys, rows), values: [] });
    monitor.records += rows;
  }
}

/** What a string of each row would be written as: U+FFFD for what is no UTF-8. */
function validText(column: BytesColumn, rows: number): BytesColumn {
  const textAt = columnTexts(column, rows);
  const cells = new TextCells();
  for (let row = 0; row < rows; row++) cells.append(textAt(row));
  return cells.column();
}
