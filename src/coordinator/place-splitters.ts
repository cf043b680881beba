import type { TaskResult } from "../model/task.js";

/**
 * Bounds of range partitions, from the keys that the samples saw: the keys at even distances in their order,
 * without repeats. A key that makes up much of the data fills several distances; its repeats leave some
 * partitions empty, which does no harm.
 */
export function placeSplitters(results: readonly TaskResult[], partitions: number): string[] {
  const keys = results.flatMap((result) => (result.type === "sample" ? result.keys.map((key) => Buffer.from(key, "base64")) : []));
  keys.sort(Buffer.compare);
  if (keys.length === 0) return [];
  const bounds = Array.from({ length: partitions - 1 }, (_, i) => keys[Math.floor(((i + 1) * keys.length) / partitions)]!);
  return bounds.filter((bound, i) => i === 0 || Buffer.compare(bounds[i - 1]!, bound) !== 0).map((bound) => bound.toString("base64"));
}
