import { InvalidJobError } from "../errors.js";
import type { OutputSpec } from "../model/job-spec.js";
import { JsonlEncoding } from "./jsonl-encoder.js";
import { RecordsEncoding } from "./records-encoder.js";
import type { RowEncoder } from "./row-encoder.js";
import { TextEncoding } from "./text-encoder.js";

type Opener = (spec: OutputSpec) => Promise<RowEncoder>;

/** Formats whose encoders are loaded when a job writes them. */
const loaded: { readonly [Format in "csv" | "tsv" | "arrow"]?: Opener } = {};

/** Makes the encoder of one part file. */
export async function openEncoder(spec: OutputSpec): Promise<RowEncoder> {
  switch (spec.format) {
    case "text":
      return new TextEncoding();
    case "jsonl":
      return new JsonlEncoding(spec.schema);
    case "records":
      return new RecordsEncoding(spec.bytes);
    default: {
      const open = loaded[spec.format];
      if (open === undefined) throw new InvalidJobError(`This build of Millrace writes no ${spec.format}`);
      return open(spec);
    }
  }
}
