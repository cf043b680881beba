import test from "ava";
import type { WholeFile } from "../job/dataset.js";
import type { InputSpec } from "../model/job-spec.js";
import { TempInputs, wholeSplit } from "../testing/temp-input.js";
import { DEFAULT_MAX_RECORD_BYTES, openReader } from "./open-reader.js";

const inputs = new TempInputs();

async function read(spec: InputSpec, content: string): Promise<unknown[]> {
  const reader = await openReader(spec, wholeSplit(inputs.write("input", content)), { maxRecordBytes: DEFAULT_MAX_RECORD_BYTES });
  const records: unknown[] = [];
  while (await reader.advance()) while (reader.next()) records.push(reader.record);
  reader.close();
  return records;
}

test("the reader of an input is that of its format", async (assert) => {
  assert.deepEqual(await read({ format: "text", paths: [] }, "1\n2\n"), ["1", "2"]);
  assert.deepEqual(await read({ format: "jsonl", paths: [] }, "1\n2\n"), [1, 2]);
  assert.deepEqual(await read({ format: "records", bytes: 2, paths: [] }, "1\n2\n"), [new Uint8Array([49, 10]), new Uint8Array([50, 10])]);
  const [file] = (await read({ format: "files", paths: [] }, "1\n2\n")) as WholeFile[];
  assert.is(file?.text, "1\n2\n");
});
