export interface LoadAheadOptions<A, B> {
  /** Items loading or loaded at once, at most. */
  readonly items: number;
  /** Sum of their weights at most; a heavier single item is loaded alone. Default: no limit. */
  readonly weight?: number;
  readonly weigh?: (item: A) => number;
  readonly load: (item: A) => Promise<B>;
}

/**
 * Loads items ahead of whoever takes the results, which come in the order of the items. An error comes in
 * its place in that order; loads that nobody waits for any more are the caller's to stop.
 */
export async function* loadAhead<A, B>(items: Iterable<A> | AsyncIterable<A>, options: LoadAheadOptions<A, B>): AsyncGenerator<B, void, undefined> {
  const { weight: most = Infinity, weigh = () => 0, load } = options;
  const ahead: { readonly weight: number; readonly result: Promise<B> }[] = [];
  let weight = 0;
  const start = (item: A): void => {
    const result = load(item);
    // Whoever awaits it later gets the error; until then it is nobody's unhandled rejection.
    result.catch(() => {});
    ahead.push({ weight: weigh(item), result });
    weight += weigh(item);
  };
  const takeFirst = async function* (): AsyncGenerator<B, void, undefined> {
    const first = ahead.shift()!;
    yield await first.result;
    weight -= first.weight;
  };
  for await (const item of items) {
    while (ahead.length > 0 && (ahead.length >= options.items || weight + weigh(item) > most)) yield* takeFirst();
    start(item);
  }
  while (ahead.length > 0) yield* takeFirst();
}
