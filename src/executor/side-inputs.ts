import { BadRecordError, TaskFailure } from "../errors.js";
import { openReader } from "../formats/open-reader.js";
import type { InputSpec } from "../model/job-spec.js";
import { wholeFile, type InputFile } from "../model/split.js";

/** All records of a side input, file after file. Throws TaskFailure when one of them cannot be read. */
export async function readSideInput(spec: InputSpec, files: readonly InputFile[], maxRecordBytes: number): Promise<unknown[]> {
  const records: unknown[] = [];
  for (const file of files) {
    const reader = await openReader(spec, wholeFile(file), { maxRecordBytes });
    try {
      while (await reader.advance()) {
        while (reader.next()) records.push(reader.record instanceof Uint8Array ? reader.record.slice() : reader.record);
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
