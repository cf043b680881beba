import type { InputSpec } from "../model/job-spec.js";
import { isWholeFile, type Split } from "../model/split.js";

/** What opening a file costs, as bytes that are read in the same time. */
const OPENING_BYTES = 64 * 1024;
/** The message that starts a task names all of its files. */
const MOST_FILES = 256;

/**
 * What each map task reads: a split, or a row of small files of `size` bytes together. A task for each of them would cost more
 * than reading it. In order, so that a run over many small files gives what it gives over the same bytes in one.
 */
export function packFiles(input: InputSpec, splits: readonly Split[], size: number): Split[][] {
  // A file that is one record may be much work, whatever its size.
  if (input.format === "files") return splits.map((split) => [split]);
  const packs: Split[][] = [];
  let room = 0;
  for (const split of splits) {
    const last = packs.at(-1);
    // A part of a file stays alone: only where a file begins is it known without a survey how its records do.
    const cost = isWholeFile(split) ? split.file.size + OPENING_BYTES : Infinity;
    if (last !== undefined && cost <= room && last.length < MOST_FILES) last.push(split);
    else {
      packs.push([split]);
      room = size;
    }
    room -= cost;
  }
  return packs;
}
