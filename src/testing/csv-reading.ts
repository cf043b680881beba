/** What tests of readers of CSV do alike. */
import { BadRecordError } from "../errors.js";
import { csvStartStates, surveyCsv } from "../formats/csv-survey.js";
import { openBytes } from "../formats/open-bytes.js";
import type { RecordReader } from "../formats/record-reader.js";
import type { RecordColumns } from "../job/record-batch.js";
import type { Split } from "../model/split.js";
import type { CsvState, CsvTransitions } from "../model/task.js";

/** The scan states in which the splits of one file begin; with kernels where `kernels` gives their memory. */
export async function statesOf(splits: readonly Split[], delimiter: string, kernels?: Parameters<typeof surveyCsv>[3]): Promise<CsvState[]> {
  const transitions: CsvTransitions[] = [];
  for (const split of splits) {
    const source = openBytes(split.file, split.start);
    transitions.push(await surveyCsv(source, split, delimiter, kernels));
    source.close();
  }
  return csvStartStates(transitions, [0]);
}

/** The loaded chunk as columns, past bad records. */
export function goodColumns(reader: RecordReader<unknown>, onBad: (error: BadRecordError) => void): RecordColumns<Record<string, unknown>> {
  for (;;) {
    try {
      return reader.columns() as RecordColumns<Record<string, unknown>>;
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error;
      onBad(error);
    }
  }
}
