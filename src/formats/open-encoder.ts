import { assertNever } from "../model/assert-never.js";
import type { OutputSpec } from "../model/job-spec.js";
import { JsonlEncoding } from "./jsonl-encoder.js";
import { RecordsEncoding } from "./records-encoder.js";
import type { RowEncoder } from "./row-encoder.js";
import { TextEncoding } from "./text-encoder.js";

/** Makes the encoder of one part file. Encoders that not every job needs are loaded when one does. */
export async function openEncoder(spec: OutputSpec): Promise<RowEncoder> {
  switch (spec.format) {
    case "text":
      return new TextEncoding();
    case "jsonl":
      return new JsonlEncoding(spec.schema);
    case "records":
      return new RecordsEncoding(spec.bytes);
    case "csv":
    case "tsv":
      return (await import("./csv-encoder.js")).createCsvEncoder(spec);
    case "arrow":
      return (await import("./arrow-encoder.js")).createArrowEncoder(spec);
    default:
      return assertNever(spec);
  }
}
