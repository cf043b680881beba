import { surveyCsv } from "../formats/csv-survey.js";
import { openBytes } from "../formats/open-bytes.js";
import type { Split } from "../model/split.js";
import type { AttemptScope } from "./attempt-scope.js";
import type { Finished } from "./run-map.js";

/** A survey attempt: how a CSV split ends for each state in which it may begin. */
export async function runSurvey({ job, monitor, thread }: AttemptScope, split: Split): Promise<Finished> {
  const { input } = job.spec;
  if (input.format !== "csv") throw new Error(`A survey needs a CSV input, not ${input.format}`);
  const source = openBytes(split.file, split.start);
  try {
    const transitions = await surveyCsv(source, split, input.delimiter, (bytes) => thread.kernels.get(bytes));
    monitor.bytes = split.end - split.start;
    return { result: { type: "survey", transitions }, stats: { records: 0, bytesRead: monitor.bytes, badRecords: 0, spills: 0 } };
  } finally {
    source.close();
  }
}
