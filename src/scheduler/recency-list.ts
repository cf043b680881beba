/**
 * Items in the order in which they were last touched, oldest first. Deadlines that lie a fixed time after
 * the last sign of life need no heap: the oldest item is the next to run out. All steps are O(1).
 */
export class RecencyList<T> {
  #oldest: Place<T> | undefined;
  #newest: Place<T> | undefined;

  get oldest(): T | undefined {
    return this.#oldest?.item;
  }

  add(item: T): Place<T> {
    const place: Place<T> = { item, older: undefined, newer: undefined };
    this.#append(place);
    return place;
  }

  touch(place: Place<T>): void {
    if (place === this.#newest) return;
    this.#unlink(place);
    this.#append(place);
  }

  /** Each place may be removed once. */
  remove(place: Place<T>): void {
    this.#unlink(place);
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let place = this.#oldest; place !== undefined; place = place.newer) yield place.item;
  }

  #append(place: Place<T>): void {
    place.older = this.#newest;
    place.newer = undefined;
    if (this.#newest === undefined) this.#oldest = place;
    else this.#newest.newer = place;
    this.#newest = place;
  }

  #unlink(place: Place<T>): void {
    if (place.older === undefined) this.#oldest = place.newer;
    else place.older.newer = place.newer;
    if (place.newer === undefined) this.#newest = place.older;
    else place.newer.older = place.older;
  }
}

/** Where an item stands in a list; the list alone changes it. */
export interface Place<T> {
  readonly item: T;
  older: Place<T> | undefined;
  newer: Place<T> | undefined;
}
