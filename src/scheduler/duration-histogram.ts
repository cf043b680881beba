/**
 * How long the tasks of a stage took, as counts in buckets that grow by a quarter each: the median comes
 * out at most 25% too high, in fixed memory, whatever the number of tasks.
 */
const GROWTH = 1.25;
const BUCKETS = 128;

export class DurationHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  add(millis: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.ceil(Math.log(Math.max(millis, 1)) / Math.log(GROWTH)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
  }

  /** Upper bound of the bucket that holds the median; 0 when nothing was added. */
  median(): number {
    if (this.#total === 0) return 0;
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      below += this.#counts[bucket] ?? 0;
      if (below * 2 >= this.#total) return GROWTH ** bucket;
    }
    return Infinity;
  }
}
