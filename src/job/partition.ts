/** Which part a key goes to: `hash()`, `range()`, or a function that returns a part number. */
export type Partition<K> = { readonly partition: "hash" | "range" } | ((key: K, partitions: number) => number);

/** Spreads keys evenly, by a hash of their bytes. */
export function hash(): { readonly partition: "hash" } {
  return { partition: "hash" };
}

/** Ranges of keys, bounds placed by a sample of the input: all keys of part i come before those of part i + 1. */
export function range(): { readonly partition: "range" } {
  return { partition: "range" };
}
