/**
 * Equal texts of records that stay in memory become one string. A category that stands in each of 100,000 records would otherwise be as many
 * strings, far from the cache when a map comes upon one: some 0.15 us for each of its rows.
 */
export class SharedTexts {
  /** Of members of the first record. Those that have too many different texts are gone. */
  readonly #known = new Map<string, Map<string, string>>();
  #isNew = true;

  /** Puts strings of earlier records in place of equal ones. */
  share(record: unknown): void {
    if (typeof record !== "object" || record === null) return;
    if (this.#isNew) for (const name of Object.keys(record)) this.#known.set(name, new Map());
    this.#isNew = false;
    for (const [name, known] of this.#known) this.#shareMember(record as Record<string, unknown>, name, known);
  }

  #shareMember(record: Record<string, unknown>, name: string, known: Map<string, string>): void {
    const text = record[name];
    if (typeof text !== "string") return;
    const same = known.get(text);
    if (same !== undefined) record[name] = same;
    else if (known.size < MOST_TEXTS) known.set(text, text);
    else this.#known.delete(name);
  }
}

/** More do not stay in a near cache. */
const MOST_TEXTS = 4096;
