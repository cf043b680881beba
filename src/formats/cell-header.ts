import { badInput } from "./bad-input.js";
import { ESCAPED, type CellFields } from "./cell-fields.js";
import type { RecordChunks } from "./cell-reader.js";

/** The first record of a file, which names the columns. */
export interface CellHeader {
  readonly names: readonly string[];
  /** Where the records behind it begin. */
  readonly end: number;
  /** Blank lines before it. */
  readonly skipped: number;
}

/** Undefined when the file has no record at all. `chunks` stand at the start of the file and are closed. */
export async function readHeader(path: string, chunks: RecordChunks, fields: CellFields): Promise<CellHeader | undefined> {
  try {
    let skipped = 0;
    while (await chunks.load()) {
      const { buffer, start, end, offset, overlong } = chunks;
      if (overlong !== undefined) throw badInput(path, `has a header that cannot be read: ${overlong.message}`);
      const chunk = buffer.subarray(0, end);
      for (let at = start; at < end; skipped++) {
        at = fields.indexOne(chunk, at);
        if (fields.blank) continue;
        if (fields.problem !== undefined) throw badInput(path, `has a header that cannot be read: ${fields.problem}`);
        return { names: namesOf(chunk, fields), end: offset + at - start, skipped };
      }
    }
    return undefined;
  } finally {
    chunks.close();
  }
}

function namesOf(chunk: Buffer, fields: CellFields): string[] {
  return Array.from({ length: fields.count }, (_, i) => {
    const start = fields.starts[i]!;
    const end = fields.ends[i]!;
    return fields.marks[i] === ESCAPED ? fields.unescape(chunk, start, end).toString() : chunk.toString("utf8", start, end);
  });
}
