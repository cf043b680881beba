export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median of the ratios of paired samples: neighbours in time share what disturbed the machine. */
export function medianRatio(theirs: readonly number[], ours: readonly number[]): number {
  return median(theirs.map((seconds, i) => seconds / (ours[i] ?? median(ours))));
}
