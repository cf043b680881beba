import { BadRecordError, TaskFailure } from "../errors.js";
import { openReader } from "../formats/open-reader.js";
import type { RecordReader } from "../formats/record-reader.js";
import type { InputSpec } from "../model/job-spec.js";
import { wholeFile, type InputFile } from "../model/split.js";
import { SharedTexts } from "./shared-texts.js";

/** All records of a side input, file after file. Throws TaskFailure when one of them cannot be read. */
export async function readSideInput(spec: InputSpec, files: readonly InputFile[], maxRecordBytes: number): Promise<unknown[]> {
  const records: unknown[] = [];
  const texts = new SharedTexts();
  // Kernels read cells as columns, of which records are made.
  const columns = spec.format === "csv" || spec.format === "tsv" ? ({ columns: "all" } as const) : {};
  let previous: RecordReader<unknown> | undefined;
  for (const file of files) {
    const reader = await openReader(spec, wholeFile(file), { maxRecordBytes, previous, ...columns });
    previous = reader;
    try {
      while (await reader.advance()) {
        while (reader.next()) {
          const { record } = reader;
          if (record instanceof Uint8Array) records.push(record.slice());
          else {
            texts.share(record);
            records.push(record);
          }
        }
      }
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error;
      throw new TaskFailure({ kind: "bad-record", message: error.message, file: file.path, offset: error.offset, record: error.record });
    } finally {
      reader.close();
    }
  }
  return records;
}
