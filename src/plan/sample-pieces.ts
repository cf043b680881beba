import type { InputSpec } from "../model/job-spec.js";
import type { Split } from "../model/split.js";

export const SAMPLE_PIECES = 16;
/** A sample of a compressed or whole-file split cannot be cut: its reader stops after about this much. */
export const SAMPLE_BYTES = 256 * 1024;

/**
 * The little of the input that is read to place range partitions, task by task: everything when that is not much, else
 * up to 16 pieces at even distances. Pieces are read like splits, so they may begin anywhere, but for CSV
 * only where a split begins: only there is it known whether the place lies inside quotes.
 */
export function samplePieces(input: InputSpec, packs: readonly (readonly Split[])[]): (readonly Split[])[] {
  const splits = packs.flat();
  if (input.format !== "arrow" && totalLength(splits) <= SAMPLE_PIECES * SAMPLE_BYTES) return [...packs];
  return piecesOf(input, splits).map((piece) => [piece]);
}

function piecesOf(input: InputSpec, splits: readonly Split[]): Split[] {
  if (input.format === "arrow") return evenly(splits, SAMPLE_PIECES).map((split) => (canCut(input, split) ? { ...split, end: split.start + 1 } : split));
  if (input.format === "csv" || !splits.every((split) => canCut(input, split))) {
    return evenly(splits, SAMPLE_PIECES).map((split) => (canCut(input, split) ? pieceAt(split, split.start) : split));
  }
  return spreadOverBytes(splits);
}

function canCut(input: InputSpec, split: Split): boolean {
  if (input.format === "arrow") return split.file.batchBytes !== undefined && split.file.compression === "none";
  return input.format !== "files" && split.file.compression === "none";
}

/** Pieces at even distances in all splits laid end to end, the first at the very start, the last at the very end. */
function spreadOverBytes(splits: readonly Split[]): Split[] {
  const room = totalLength(splits) - SAMPLE_BYTES;
  const pieces: Split[] = [];
  let current = 0;
  let before = 0;
  for (let piece = 0; piece < SAMPLE_PIECES; piece++) {
    const place = Math.floor((room * piece) / (SAMPLE_PIECES - 1));
    let split = splits[current];
    while (split !== undefined && place >= before + length(split)) {
      before += length(split);
      split = splits[++current];
    }
    if (split !== undefined) pieces.push(pieceAt(split, split.start + place - before));
  }
  return pieces;
}

function pieceAt(split: Split, start: number): Split {
  return { file: split.file, start, end: Math.min(start + SAMPLE_BYTES, split.end) };
}

/** At most `count` of the items, the first and the last among them. */
function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * (items.length - 1)) / (count - 1))] as T);
}

function totalLength(splits: readonly Split[]): number {
  return splits.reduce((sum, split) => sum + length(split), 0);
}

function length(split: Split): number {
  return split.end - split.start;
}
