/** Named totals. User counters keep their name; Millrace's own start with `millrace.`. */
export type Counters = Readonly<Record<string, number>>;

/** A null prototype: a user's counter may be called `__proto__`. */
export function sumCounters(all: Iterable<Counters>): Counters {
  const total = Object.create(null) as Record<string, number>;
  for (const counters of all) {
    for (const name of Object.keys(counters)) total[name] = (total[name] ?? 0) + (counters[name] ?? 0);
  }
  return total;
}
