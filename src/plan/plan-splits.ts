import type { InputSpec } from "../model/job-spec.js";
import type { InputFile, Split } from "../model/split.js";

/**
 * Cuts files into splits, in the order of the files. Byte formats are cut at multiples of `splitSize` from
 * the start of each file, wherever that falls: the reader finds the first record behind a cut. Arrow files
 * are cut between record batches.
 */
export function planSplits(input: InputSpec, files: readonly InputFile[], splitSize: number): Split[] {
  if (!Number.isSafeInteger(splitSize) || splitSize < 1) throw new RangeError(`Split size must be a whole number of bytes from 1, not ${splitSize}`);
  return files.flatMap((file) => splitsOf(input, file, splitSize));
}

function splitsOf(input: InputSpec, file: InputFile, splitSize: number): Split[] {
  if (file.compression !== "none" || input.format === "files") return [{ file, start: 0, end: file.size }];
  if (input.format === "arrow") return groupBatches(file, splitSize);
  const splits: Split[] = [];
  for (let start = 0; start < file.size; start += splitSize) splits.push({ file, start, end: Math.min(start + splitSize, file.size) });
  return splits;
}

/** As many batches to a split as fit in `splitSize`, at least one. */
function groupBatches(file: InputFile, splitSize: number): Split[] {
  // Nothing is known of its batches: one split up to a batch number that no file of this size can have.
  if (file.batchBytes === undefined) return [{ file, start: 0, end: file.size }];
  const splits: Split[] = [];
  let start = 0;
  let bytes = 0;
  file.batchBytes.forEach((size, batch) => {
    if (batch > start && bytes + size > splitSize) {
      splits.push({ file, start, end: batch });
      start = batch;
      bytes = 0;
    }
    bytes += size;
  });
  if (file.batchBytes.length > start) splits.push({ file, start, end: file.batchBytes.length });
  return splits;
}
