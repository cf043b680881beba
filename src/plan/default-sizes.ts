/**
 * Sizes that a user did not choose. They follow from the data alone, never from threads or workers: the
 * split plan fixes the output's bytes, and a run on another machine must give the same ones.
 */
export const MIB = 1024 * 1024;

/**
 * About eight splits, none so small that starting a task costs more than reading it. The larger they are, the more
 * pairs of a key are combined before they travel.
 */
export function defaultSplitSize(totalBytes: number): number {
  return clamp(Math.ceil(totalBytes / 8), MIB, 128 * MIB);
}

/** Small files that one task reads. More would save little, and leave fewer tasks than some machines have threads. */
export function defaultPackSize(totalBytes: number): number {
  return Math.min(defaultSplitSize(totalBytes), 16 * MIB);
}

/**
 * Range partitions are smaller: a total order usually comes with as many bytes out as in, and one should fit its share of a small memory
 * budget. From 512 MiB on they grow with the data: where cores are short of time, fewer parts take less of it.
 */
export function defaultPartitions(totalBytes: number, partition: "hash" | "range" | "function", combined: boolean): number {
  if (partition === "range") return clamp(Math.ceil(totalBytes / clamp(totalBytes / 64, 8 * MIB, 16 * MIB)), 1, 512);
  // What is combined before it travels is mostly far less than the input.
  if (combined) return clamp(Math.ceil(totalBytes / (128 * MIB)), 1, 128);
  return clamp(Math.ceil(totalBytes / (32 * MIB)), 1, 128);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
